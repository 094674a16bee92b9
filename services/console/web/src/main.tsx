import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Page } from './page.tsx'
import { applyTheme, storedTheme } from './theme.ts'

applyTheme(storedTheme())
createRoot(document.querySelector('#page')!).render(
  <StrictMode>
    <Page />
  </StrictMode>
)
