/** Text from the wire, without what a terminal would act on. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\u{fffd}')
