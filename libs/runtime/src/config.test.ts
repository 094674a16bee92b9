import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { format } from 'prettier'
import { Config, ConfigError, configFlags, configReference, loadConfig } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Given = { flags?: Record<string, unknown>; env?: Record<string, string>; yaml?: string }

const file = join(folder, 'earshot.yaml')

function load({ flags = {}, env = {}, yaml }: Given): Config {
  if (yaml !== undefined) writeFileSync(file, yaml)
  return loadConfig({ flags: yaml === undefined ? flags : { ...flags, config: file }, env })
}

function mistakes(given: Given): readonly string[] {
  try {
    load(given)
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.map(line => line.replace(folder, ''))
    throw error
  }
  return []
}

describe('loadConfig', () => {
  it('needs nothing: everything has a default', () => {
    expect(load({})).toEqual(Config.parse({}))
    expect(load({})).toMatchObject({ hep: { host: '::', udpPort: 9060 }, http: { host: '127.0.0.1', port: 8080 } })
  })

  const yaml = 'http:\n  port: 1\n'
  const env = { EARSHOT_HTTP_PORT: '2' }
  it.each([
    { name: 'the flag before everything', given: { flags: { httpPort: '3' }, env, yaml }, port: 3 },
    { name: 'the environment before the file', given: { env, yaml }, port: 2 },
    { name: 'the file before the default', given: { yaml }, port: 1 },
    { name: 'the default', given: { env: { EARSHOT_HTTP_PORT: '' } }, port: 8080 }
  ])('takes $name', ({ given, port }) => {
    expect(load(given).http).toEqual({ host: '127.0.0.1', port })
  })

  it('takes settings of one section from several places', () => {
    const hep = load({ flags: { hepHost: '::1' }, env: { EARSHOT_HEP_TCP_PORT: '0' }, yaml: 'hep: {udpPort: 5}' }).hep
    expect(hep).toMatchObject({ host: '::1', tcpPort: 0, udpPort: 5, receiveBufferBytes: 16777216 })
  })

  it('finds the file by EARSHOT_CONFIG as well', () => {
    writeFileSync(file, 'dataDir: /srv/earshot')
    expect(load({ env: { EARSHOT_CONFIG: file } }).dataDir).toBe('/srv/earshot')
  })

  it.each([
    { given: { flags: { memory: true } }, memory: true },
    { given: { env: { EARSHOT_MEMORY: '1' } }, memory: true },
    { given: { env: { EARSHOT_MEMORY: 'false' } }, memory: false },
    { given: { yaml: 'memory: true' }, memory: true },
    { given: { yaml: 'memory:\n' }, memory: false }
  ])('reads $given as memory $memory', ({ given, memory }) => {
    expect(load(given).memory).toBe(memory)
  })

  it('passes over variables and options that are not its own', () => {
    expect(mistakes({ flags: { json: true }, env: { PATH: '/bin', EAR: '1' } })).toEqual([])
  })
})

describe('a mistake in the configuration is one line with its place and what to write', () => {
  it.each([
    {
      name: 'a flag of the wrong kind',
      given: { flags: { httpPort: 'eighty' } },
      says: ['--http-port: http.port is "eighty"; write a whole number from 0 to 65535']
    },
    {
      name: 'a variable out of range',
      given: { env: { EARSHOT_HEP_UDP_PORT: '70000' } },
      says: ['EARSHOT_HEP_UDP_PORT: hep.udpPort is 70000; write a whole number from 0 to 65535']
    },
    {
      name: 'an unknown variable',
      given: { env: { EARSHOT_HEP_UPD_PORT: '1' } },
      says: ['EARSHOT_HEP_UPD_PORT: there is no such setting; did you mean EARSHOT_HEP_UDP_PORT?']
    },
    {
      name: 'an unknown key in a section',
      given: { yaml: 'hep:\n  udpPort: 1\n  tcpPrt: 2\n' },
      says: ['/earshot.yaml:3: hep.tcpPrt: there is no such setting; did you mean hep.tcpPort?']
    },
    {
      name: 'an unknown section',
      given: { yaml: '\nhttps:\n  port: 1\n' },
      says: ['/earshot.yaml:2: https: there is no such setting; did you mean http?']
    },
    {
      name: 'a value that is none of the choices',
      given: { yaml: 'memory: false\nclock: atomic\n' },
      says: ['/earshot.yaml:2: clock is "atomic"; write one of system, capture']
    },
    {
      name: 'a URL with a password',
      given: { yaml: 'alert: {webhook: "http://noc:secret@example.com/"}' },
      says: [/^\/earshot\.yaml:1: alert\.webhook is ".*"; write an http or https URL without a user name$/]
    },
    {
      name: 'a number in quotes',
      given: { yaml: 'maxPeers: "5"' },
      says: ['/earshot.yaml:1: maxPeers is "5"; write a whole number of 1 or more']
    },
    {
      name: 'a value where a section belongs',
      given: { yaml: 'retention: 24' },
      says: ['/earshot.yaml:1: retention is 24; write a map of settings: hours, bytes']
    },
    {
      name: 'a file that is no map',
      given: { yaml: '- hep' },
      says: [/^\/earshot\.yaml:1: this is \["hep"\]; write a map of settings: hep, http, console, kafka, dataDir, /]
    },
    {
      name: 'a key given twice',
      given: { yaml: 'memory: true\nmemory: false\n' },
      says: ['/earshot.yaml:2: Map keys must be unique at line 2, column 1:']
    },
    {
      name: 'a wrong value that another place overrides',
      given: { flags: { clock: 'system' }, yaml: 'clock: 1' },
      says: ['/earshot.yaml:1: clock is 1; write one of system, capture']
    },
    {
      name: 'a file that is not there',
      given: { flags: { config: join(folder, 'none.yaml') } },
      says: ['/none.yaml: cannot be read (ENOENT); give --config the path of a YAML file']
    },
    {
      name: 'several mistakes',
      given: { flags: { maxPeers: '0' }, env: { EARSHOT_MEMORY: 'maybe' }, yaml: 'logLevel: loud' },
      says: [
        '--max-peers: maxPeers is 0; write a whole number of 1 or more',
        'EARSHOT_MEMORY: memory is "maybe"; write true or false',
        '/earshot.yaml:1: logLevel is "loud"; write one of trace, debug, info, warn, error, fatal, silent'
      ]
    }
  ])('$name', ({ given, says }) => {
    expect(mistakes(given)).toEqual(says.map(line => (typeof line === 'string' ? line : expect.stringMatching(line))))
  })
})

describe('what is made from the schema', () => {
  it('has a flag for each setting, the default and the variable in its description', () => {
    expect(configFlags()).toContainEqual({
      flags: '--hep-udp-port <number>',
      description: 'UDP port for HEP; 0 lets the system choose (EARSHOT_HEP_UDP_PORT, default 9060)'
    })
    expect(configFlags().map(({ flags }) => flags)).toEqual(
      expect.arrayContaining(['--config <file>', '--memory', '--clock <system|capture>', '--timer-c-seconds <number>'])
    )
  })

  it('describes every setting', () => {
    for (const { description } of configFlags()) expect(description).toMatch(/^[A-Z].+ \(EARSHOT_[A-Z_]+[,)]/)
  })

  it('has a reference with all places of a setting', () => {
    expect(configReference()).toContain(
      [
        '## `http.port`\n',
        'TCP port of the page, the API and /metrics; 0 lets the system choose. Write a whole number from 0 to 65535.\n',
        '- Flag: `--http-port`\n- Environment: `EARSHOT_HTTP_PORT`\n- Default: `8080`\n'
      ].join('\n')
    )
  })

  it('has a reference formatted as the formatter would', async () => {
    expect(await format(configReference(), { parser: 'markdown' })).toBe(configReference())
  })
})
