import config from './jest.config.js'

/** What each mutant of libs/calls is tried on: everything but random traffic, which finds what it finds by luck. */
export default {
  ...config,
  testMatch: ['<rootDir>/libs/calls/src/*.test.ts'],
  setupFiles: [],
  testPathIgnorePatterns: ['/properties\\.test\\.ts$']
}
