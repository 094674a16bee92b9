import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Assets are named relative to the page, so that it also works below a path of a reverse proxy.
  base: './',
  build: {
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    // The page is served with `default-src 'self'`, which refuses data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false }
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/runbooks': 'http://127.0.0.1:8080' } },
  // A page's path is a name of its own.
  appType: 'spa'
})
