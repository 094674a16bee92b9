export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const storageKey = 'earshot.theme'

/** What was chosen on this browser; a matter of the eyes and the room, so not part of the URL. */
export function storedTheme(): Theme {
  try {
    return themes.find(theme => theme === localStorage.getItem(storageKey)) ?? 'auto'
  } catch {
    // Storage may be forbidden; the theme is then that of the system.
    return 'auto'
  }
}

export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    // Forbidden storage: the choice holds until the page is left.
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
}
