export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** As benches print rates: 237k. */
export const thousands = (value: number): string => `${Math.round(value / 1e3)}k`
