import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { applyTheme, storedTheme } from './theme.ts'
import { LiveProvider } from './use-live.tsx'

applyTheme(storedTheme())
createRoot(document.querySelector('#page')!).render(
  <StrictMode>
    <LiveProvider>
      <App />
    </LiveProvider>
  </StrictMode>
)
