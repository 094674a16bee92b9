/** To five digits: what is learnt is the same in memory as in the state, and short there. */
export const rounded = (value: number): number => Number(value.toPrecision(5))
