/** Breaks libs/calls in every way it knows and says which of them its ladders and tables do not notice. */
export default {
  mutate: ['libs/calls/src/*.ts', '!libs/calls/src/*.{test,fixture}.ts'],
  testRunner: 'earshot',
  coverageAnalysis: 'perTest',
  plugins: ['./test/mutation/runner.ts'],
  // The rest is read where it stands, through node_modules.
  ignorePatterns: ['*', '!libs', '!libs/calls', '!libs/calls/**', '!*.js', '!*.json'],
  tempDirName: 'data/stryker',
  reporters: ['progress', 'clear-text', 'json'],
  jsonReporter: { fileName: 'data/mutation/report.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  concurrency: 2,
  timeoutMS: 60_000,
  thresholds: { high: 90, low: 80, break: 80 }
}
