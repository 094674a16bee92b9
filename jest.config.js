export default {
  testMatch: ['<rootDir>/{libs,services,test}/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/properties.setup.ts'],
  // Those that need a real Kafka, or SIPp and Kamailio: jest.all.config.js has them.
  testPathIgnorePatterns: ['/node_modules/', '\\.(kafka|tools)\\.test\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }]
  }
}
