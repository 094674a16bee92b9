export default {
  testMatch: ['<rootDir>/{libs,services,dashboards,test}/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/properties.setup.ts'],
  // Those that need a real Kafka, SIPp and Kamailio, or Alertmanager: jest.all.config.js has them.
  testPathIgnorePatterns: ['/node_modules/', '\\.(kafka|tools)\\.test\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }]
  }
}
