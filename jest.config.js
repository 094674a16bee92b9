export default {
  testMatch: ['<rootDir>/{libs,services,test}/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/properties.setup.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }]
  }
}
