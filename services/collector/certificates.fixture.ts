import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith } from '../../test/describe-tools.ts'

export const describeWithOpenssl = describeWith('openssl')

export type Certificate = { readonly certFile: string; readonly keyFile: string }

/** Certificates and keys made by openssl in a folder, good for two days. */
export class Certificates {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Of its own authority, and so one itself. */
  selfSigned(name: string): Certificate {
    const { certFile, keyFile } = this.#files(name)
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    openssl('req', '-x509', ...newKey, '-keyout', keyFile, '-out', certFile, '-days', '2', ...subject)
    return { certFile, keyFile }
  }

  signedBy(authority: Certificate, name: string): Certificate {
    const { certFile, keyFile } = this.#files(name)
    const request = join(this.#folder, `${name}.csr`)
    openssl('req', ...newKey, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`)
    const issuer = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial']
    openssl('x509', '-req', '-in', request, ...issuer, '-out', certFile, '-days', '2')
    return { certFile, keyFile }
  }

  /** The same key, readable with a passphrase only. */
  encrypted({ keyFile }: Certificate): string {
    const file = `${keyFile}.encrypted`
    openssl('pkcs8', '-topk8', '-in', keyFile, '-out', file, '-passout', 'pass:secret')
    return file
  }

  write(name: string, text: string): string {
    const file = join(this.#folder, name)
    writeFileSync(file, text)
    return file
  }

  #files(name: string): Certificate {
    return { certFile: join(this.#folder, `${name}.crt`), keyFile: join(this.#folder, `${name}.key`) }
  }
}

export const textOf = (file: string): Buffer => readFileSync(file)

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
