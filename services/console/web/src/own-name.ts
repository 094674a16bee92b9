const storageKey = 'earshot.name'

/** Who decides about alerts, as this browser knows it. */
export function storedName(): string {
  try {
    return localStorage.getItem(storageKey) ?? ''
  } catch {
    return ''
  }
}

export function storeName(name: string): void {
  try {
    localStorage.setItem(storageKey, name)
  } catch {
    // Forbidden storage: the name holds until the page is left.
  }
}
