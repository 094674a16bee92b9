import fc from 'fast-check'

// In CI the same inputs every time, so that a change is judged by what it changed; elsewhere new ones with each run.
if (process.env['CI'] === 'true') fc.configureGlobal({ seed: 3261 })
