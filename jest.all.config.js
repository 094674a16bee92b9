import config from './jest.config.js'

/** With the tests that need a real Kafka, or SIPp and Kamailio, too. */
export default { ...config, testPathIgnorePatterns: ['/node_modules/'] }
