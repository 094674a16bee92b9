import { useState } from 'react'
import { applyTheme, storedTheme, storeTheme, themes } from './theme.ts'

export function ThemeToggle() {
  const [theme, setTheme] = useState(storedTheme)
  return (
    <label className="theme">
      <span className="hidden">Colours</span>
      <select
        value={theme}
        onChange={event => {
          const chosen = themes.find(each => each === event.target.value) ?? 'auto'
          setTheme(chosen)
          storeTheme(chosen)
          applyTheme(chosen)
        }}
      >
        <option value="auto">◐ Auto</option>
        <option value="light">☀ Light</option>
        <option value="dark">☾ Dark</option>
      </select>
    </label>
  )
}
