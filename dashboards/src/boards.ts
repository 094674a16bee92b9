import { capacity } from './boards/capacity.ts'
import { earlyMedia } from './boards/early-media.ts'
import { methods } from './boards/methods.ts'
import { overview } from './boards/overview.ts'
import { pipeline } from './boards/pipeline.ts'

/** All dashboards, in the order of a menu. */
export const boards = [overview, earlyMedia, methods, capacity, pipeline]
