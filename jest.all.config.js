import config from './jest.config.js'

/** With the tests that need a real Kafka, too. */
export default { ...config, testPathIgnorePatterns: ['/node_modules/'] }
