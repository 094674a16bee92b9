import config from './jest.config.js'

/** With the tests that need a real Kafka, SIPp and Kamailio, or Alertmanager, too. */
export default { ...config, testPathIgnorePatterns: ['/node_modules/'] }
