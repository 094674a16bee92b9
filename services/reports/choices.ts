/** What may be asked for of reports, apart from what makes them: the command line has it without loading them. */
export const reportKinds = ['capacity', 'early-media', 'methods'] as const
export type ReportKind = (typeof reportKinds)[number]

export const reportFormats = ['table', 'csv', 'json', 'html'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** Share of calls that may find no channel. */
export const usualBlocking = 0.01
