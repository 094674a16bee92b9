import { describeWith } from '../describe-tools.ts'
import { executablePath } from './chromium.ts'

export const describeChromium = describeWith(executablePath)
