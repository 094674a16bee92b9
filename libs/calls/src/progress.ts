/** An 18x in the contract's sense: what may tell the caller something before the answer. */
export const isProgress = (status: number): boolean => status > 100 && status < 199

/** 183, and every provisional code that RFC 3261 §8.1.3.2 treats as 183. */
export const countsAs183 = (status: number): boolean => isProgress(status) && (status < 180 || status > 182)
