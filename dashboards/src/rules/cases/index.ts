import { capacityCases } from './capacity.ts'
import type { AlertCases } from './case.ts'
import { detectedCases } from './detected.ts'
import { intakeCases } from './intake.ts'
import { peersCases } from './peers.ts'
import { workCases } from './work.ts'

/** Of each alert, what raises it and what does not. */
export const alertCases: AlertCases = {
  ...detectedCases,
  ...peersCases,
  ...capacityCases,
  ...intakeCases,
  ...workCases
}
