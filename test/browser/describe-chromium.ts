import { existsSync } from 'node:fs'
import { describe } from '@jest/globals'
import { executablePath } from './chromium.ts'

/** Skipped where there is no Chromium, but never in CI. */
export const describeChromium = existsSync(executablePath) || process.env.CI === 'true' ? describe : describe.skip
