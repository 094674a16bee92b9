import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assemble, ConfigError, type Component } from '@earshot/runtime'
import { alertmanagerConfig, prometheusConfig } from './configs.ts'
import { freePort } from './free-port.ts'
import { installed, Program } from './program.ts'

const USUAL_PORTS = { prometheus: 9090, alertmanager: 9093 }

type Parts = {
  /** Of what Prometheus is to read; asked for when it starts. */
  readonly pageUrl: () => string
  /** Told when one of the two ends although nobody has stopped it. */
  readonly onFailure: (error: Error) => void
}

/**
 * Prometheus and Alertmanager of this machine, with the rules of dashboards/ and the routes of deploy/alertmanager, on what
 * this process tells at /metrics. What they keep is in a temporary folder, and nobody else is told of alerts.
 */
export class Monitoring implements Component {
  readonly name = 'monitoring'
  readonly #parts: Parts
  readonly #commands: { readonly prometheus: string; readonly alertmanager: string }
  readonly #forget = (): void => {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
  #folder: string | undefined
  #programs: Component | undefined
  #urls = { prometheus: '', alertmanager: '' }

  /** @throws ConfigError where they are not installed */
  constructor(parts: Parts) {
    this.#parts = parts
    const prometheus = installed('prometheus')
    const alertmanager = installed('prometheus-alertmanager') ?? installed('alertmanager')
    if (prometheus === undefined || alertmanager === undefined) {
      const missing = [...(prometheus ? [] : ['prometheus']), ...(alertmanager ? [] : ['prometheus-alertmanager'])]
      throw new ConfigError([
        `--with prometheus finds no ${missing.join(' and no ')} on the PATH; on Debian: apt-get install ${missing.join(' ')}`
      ])
    }
    this.#commands = { prometheus, alertmanager }
  }

  /** Once they have started. */
  get urls(): { readonly prometheus: string; readonly alertmanager: string } {
    return this.#urls
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'earshot-prometheus-'))
    process.once('exit', this.#forget)
    try {
      this.#programs = await this.#programsIn(this.#folder)
      await this.#programs.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async stop(): Promise<void> {
    await this.#programs?.stop()
    this.#forget()
    process.off('exit', this.#forget)
  }

  async #programsIn(folder: string): Promise<Component> {
    const { pageUrl, onFailure } = this.#parts
    const alertmanager = `127.0.0.1:${await freePort(USUAL_PORTS.alertmanager)}`
    const prometheus = `127.0.0.1:${await freePort(USUAL_PORTS.prometheus)}`
    this.#urls = { prometheus: `http://${prometheus}`, alertmanager: `http://${alertmanager}` }
    const files = { alertmanager: join(folder, 'alertmanager.yml'), prometheus: join(folder, 'prometheus.yml') }
    await writeFile(files.alertmanager, await alertmanagerConfig())
    await writeFile(files.prometheus, prometheusConfig({ scraped: new URL(pageUrl()).host, alertmanager }))
    return assemble(this.name, [
      new Program('Alertmanager', {
        command: this.#commands.alertmanager,
        args: [
          `--config.file=${files.alertmanager}`,
          `--storage.path=${join(folder, 'alertmanager')}`,
          `--web.listen-address=${alertmanager}`,
          '--cluster.listen-address='
        ],
        readyAt: `${this.#urls.alertmanager}/-/ready`,
        onFailure
      }),
      new Program('Prometheus', {
        command: this.#commands.prometheus,
        args: [
          `--config.file=${files.prometheus}`,
          `--storage.tsdb.path=${join(folder, 'prometheus')}`,
          `--web.listen-address=${prometheus}`
        ],
        readyAt: `${this.#urls.prometheus}/-/ready`,
        onFailure
      })
    ])
  }
}
