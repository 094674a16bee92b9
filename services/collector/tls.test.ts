import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { Config, ConfigError } from '@earshot/runtime'
import { Metrics } from '@earshot/telemetry'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { Access } from './access.ts'
import { Agents } from './agents.ts'
import { Certificates, describeWithOpenssl, textOf, type Certificate } from './certificates.fixture.ts'
import { followFiles, type FollowedFiles } from '../followed-files.ts'
import { Intake } from './intake.ts'
import { Packer } from './packer.ts'
import { RecordingLog } from './recording-log.fixture.ts'
import { StreamListener } from './stream-listener.ts'
import { loadTls, tlsFilesOf, type TlsFiles } from './tls-files.ts'

/** However it came to that. */
async function closed(client: Socket): Promise<void> {
  await new Promise<void>(resolve => client.resume().once('close', () => resolve()))
}

const noon = epochMicros(1_767_225_600e6)
const [invite] = ladder('0 a>b INVITE +S', { start: noon })
const frame = encodeHep({ ...invite!, captureId: 1, node: undefined, protocol: 1 })

/** A listener for HEP over TLS with what it hands on. */
class TestTls {
  readonly log = new RecordingLog()
  readonly packer = new Packer(this.log, { collector: 'c', run: 'r' }, error => expect(error).toBeUndefined())
  readonly intake: Intake
  readonly listener: StreamListener
  readonly files: FollowedFiles
  readonly mistakes: string[] = []

  constructor(files: TlsFiles) {
    const { packer } = this
    const [agents, access, metrics] = [new Agents({ trusting: true }), new Access(), new Metrics({ version: 'test' })]
    this.intake = new Intake({ agents, access, packer, metrics, now: () => noon })
    const shared = { host: '127.0.0.1', port: 0, intake: this.intake, packer, access }
    this.listener = new StreamListener({
      ...shared,
      tls: { asksForCertificates: files.caFile !== undefined },
      most: { handshakes: 2, ofAddress: 4 }
    })
    this.files = followFiles({
      name: 'certificate',
      files: [],
      load: () => loadTls(files),
      onChange: context => this.listener.use(context),
      onError: error => this.mistakes.push(error.message)
    })
  }

  async start(): Promise<this> {
    for (const part of [this.packer, this.files, this.listener]) await part.start()
    return this
  }

  async stop(): Promise<void> {
    for (const part of [this.listener, this.files, this.packer]) await part.stop()
  }

  connect(options: ConnectionOptions): TLSSocket {
    return connect({ port: this.listener.port, host: '127.0.0.1', ...options }).on('error', () => undefined)
  }

  async until(isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + 4000
    while (!isSo() && performance.now() < deadline) await setImmediate()
    expect(isSo()).toBe(true)
  }
}

describeWithOpenssl('HEP over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'))
  const certificates = new Certificates(folder)
  let server: Certificate
  let other: Certificate
  let running: TestTls
  beforeAll(() => {
    server = certificates.selfSigned('server')
    other = certificates.selfSigned('other')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    {
      name: 'a certificate that is not there',
      files: () => ({ ...server, certFile: join(folder, 'none.crt') }),
      says: '/none.crt: cannot be read (ENOENT); give hep.tls.certFile the path of a PEM file'
    },
    {
      name: 'a key that is not there',
      files: () => ({ ...server, keyFile: join(folder, 'none.key') }),
      says: '/none.key: cannot be read (ENOENT); give hep.tls.keyFile the path of a PEM file'
    },
    {
      name: 'the key of another certificate',
      files: () => ({ ...server, keyFile: other.keyFile }),
      says: '/other.key: is not the key of the certificate in /server.crt; give two that belong together'
    },
    {
      name: 'a key with a passphrase',
      files: () => ({ ...server, keyFile: certificates.encrypted(server) }),
      says: '/server.key.encrypted: is encrypted; write it without a passphrase, readable for this user only'
    },
    {
      name: 'a certificate in place of the key',
      files: () => ({ ...server, keyFile: server.certFile }),
      says: '/server.crt: is no private key; write one in PEM, with -----BEGIN PRIVATE KEY-----'
    },
    {
      name: 'something else in place of the authorities',
      files: () => ({ ...server, caFile: certificates.write('junk', 'junk\n') }),
      says: '/junk: is no certificate; write one in PEM, with -----BEGIN CERTIFICATE-----'
    }
  ])('does not begin with $name, and says so in a line', async ({ files, says }) => {
    const failure: unknown = await loadTls({ caFile: undefined, ...files() }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConfigError)
    expect((failure as ConfigError).message.replaceAll(folder, '')).toBe(says)
  })

  it('needs its files where it has a port', () => {
    const { hep } = Config.parse({ hep: { tlsPort: 9061, tls: { certFile: 'a.crt' } } })
    expect(() => tlsFilesOf(hep.tls)).toThrow(
      new ConfigError(['hep.tlsPort needs a certificate: give hep.tls.certFile and hep.tls.keyFile, both PEM'])
    )
  })

  const whileRunning = (name: string, files: () => TlsFiles, test: () => Promise<void>): void => {
    it(name, async () => {
      running = await new TestTls(files()).start()
      try {
        await test()
      } finally {
        await running.stop()
      }
    })
  }
  const plain = (): TlsFiles => ({ ...server, caFile: undefined })
  const mutual = (): TlsFiles => ({ ...server, caFile: other.certFile })

  whileRunning('takes frames, however they are cut, and all that has come before it stops', plain, async () => {
    const client = running.connect({ ca: textOf(server.certFile) })
    await once(client, 'secureConnect')
    for (let at = 0; at < frame.length; at += 100) client.write(frame.subarray(at, at + 100))
    client.write(Buffer.concat(Array.from({ length: 2000 }, () => frame)))
    await running.until(() => running.intake.packed > 0)
    await running.stop()
    expect(running.log.frames().length).toBe(2001)
    expect(running.log.frames().every(each => each.equals(frame))).toBe(true)
    client.destroy()
  })

  whileRunning('is not held up by an agent that never ends its handshake', plain, async () => {
    const client = connectTcp(running.listener.port, '127.0.0.1').on('error', () => undefined)
    await once(client, 'connect')
    const began = performance.now()
    await running.stop()
    expect(performance.now() - began).toBeLessThan(1000)
    client.destroy()
  })

  whileRunning(
    'begins only so many handshakes at once, and another one when one of these has ended',
    plain,
    async () => {
      const silent = () => connectTcp(running.listener.port, '127.0.0.1').on('error', () => undefined)
      const begun = [silent(), silent()]
      await Promise.all(begun.map(each => once(each, 'connect')))
      await closed(silent())
      expect(running.intake.drops.get('too-many-handshakes')).toBe(1)
      begun[0]!.destroy()
      await running.until(() => running.intake.drops.get('tls-handshake') === 1)
      const client = running.connect({ ca: textOf(server.certFile) })
      client.end(frame)
      await running.until(() => running.intake.packed === 1)
      begun[1]!.destroy()
    }
  )

  whileRunning('counts a secured connection until it is closed', plain, async () => {
    for (let each = 1; each <= 6; each++) {
      const client = running.connect({ ca: textOf(server.certFile) })
      client.end(frame)
      await running.until(() => running.intake.packed === each)
      await running.until(() => running.listener.connections === 0)
    }
    expect(running.intake.drops.get('too-many-connections')).toBe(0)
  })

  whileRunning('counts what is no TLS once, and takes nothing of it', plain, async () => {
    const client = connectTcp(running.listener.port, '127.0.0.1').on('error', () => undefined)
    client.write(frame)
    await closed(client)
    await running.until(() => running.intake.drops.get('tls-handshake') === 1)
    expect(running.intake.drops.get('connection-error')).toBe(0)
    expect(running.intake.packed).toBe(0)
  })

  whileRunning('with authorities takes an agent with a certificate of theirs', mutual, async () => {
    const { certFile, keyFile } = certificates.signedBy(other, 'agent')
    const client = running.connect({ ca: textOf(server.certFile), cert: textOf(certFile), key: textOf(keyFile) })
    client.end(frame)
    await running.until(() => running.intake.packed === 1)
    client.destroy()
  })

  it.each([
    { name: 'without one', of: () => undefined },
    { name: 'with one of another authority', of: () => server }
  ])('with authorities refuses an agent $name, once', async ({ of }) => {
    running = await new TestTls(mutual()).start()
    const own = of()
    const identity = own && { cert: textOf(own.certFile), key: textOf(own.keyFile) }
    const client = running.connect({ ca: textOf(server.certFile), ...identity })
    client.write(frame)
    await closed(client)
    await running.until(() => running.intake.drops.get('tls-handshake') === 1)
    await running.stop()
    expect(running.intake.drops.get('tls-handshake')).toBe(1)
    expect(running.intake.packed).toBe(0)
  })

  it('takes another certificate without a restart, and keeps the one it has over a mistake', async () => {
    const rotating = {
      certFile: certificates.write('rotating.crt', textOf(server.certFile).toString()),
      keyFile: certificates.write('rotating.key', textOf(server.keyFile).toString()),
      caFile: undefined
    }
    running = await new TestTls(rotating).start()
    const seen = async (): Promise<string | undefined> => {
      const client = running.connect({ rejectUnauthorized: false })
      await once(client, 'secureConnect')
      const { subject } = client.getPeerCertificate()
      client.destroy()
      return subject.CN as string
    }
    const before = running.connect({ rejectUnauthorized: false })
    await once(before, 'secureConnect')
    copyFileSync(other.certFile, rotating.certFile)
    await running.files.reload()
    expect(running.mistakes.map(text => text.replaceAll(folder, ''))).toEqual([
      '/rotating.key: is not the key of the certificate in /rotating.crt; give two that belong together'
    ])
    expect(await seen()).toBe('server')
    copyFileSync(other.keyFile, rotating.keyFile)
    await running.files.reload()
    expect(await seen()).toBe('other')
    before.write(frame)
    await running.until(() => running.intake.packed === 1)
    before.destroy()
    await running.stop()
  })

  it('knows that a connection may have more', async () => {
    running = await new TestTls(plain()).start()
    const client = running.connect({ rejectUnauthorized: false })
    await once(client, 'secureConnect')
    client.write(frame)
    await running.until(() => running.intake.packed === 1)
    expect(running.listener.unreadAfter()).toBeUndefined()
    client.write(Buffer.concat(Array.from({ length: 500 }, () => frame)))
    await running.until(() => running.intake.packed === 501)
    expect(running.listener.unreadAfter()).toBe(noon)
    expect(running.listener.unreadAfter()).toBeUndefined()
    client.destroy()
    await running.stop()
  })
})
