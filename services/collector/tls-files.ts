import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { ConfigError, type Config } from '@earshot/runtime'

/** What a server needs for TLS, as its files have it. */
export type TlsFiles = {
  readonly certFile: string
  readonly keyFile: string
  /** Clients must then have a certificate of one of these authorities. */
  readonly caFile: string | undefined
}

/** @throws ConfigError where a port for TLS is given without its files */
export function tlsFilesOf({ certFile, keyFile, caFile }: Config['hep']['tls']): TlsFiles {
  if (certFile === undefined || keyFile === undefined)
    throw new ConfigError(['hep.tlsPort needs a certificate: give hep.tls.certFile and hep.tls.keyFile, both PEM'])
  return { certFile, keyFile, caFile }
}

/**
 * Reads the files and tries whether they make a server.
 *
 * @throws ConfigError that names the file and says what is wrong with it; nothing of a key is in it
 */
export async function loadTls({ certFile, keyFile, caFile }: TlsFiles): Promise<SecureContextOptions> {
  const cert = await pem(certFile, 'hep.tls.certFile')
  const key = await pem(keyFile, 'hep.tls.keyFile')
  const ca = caFile === undefined ? undefined : await pem(caFile, 'hep.tls.caFile')
  const certificate = certificateIn(cert, certFile)
  if (ca !== undefined) certificateIn(ca, caFile!)
  // OpenSSL itself finds only keys of the certificate's kind wrong.
  if (!certificate.checkPrivateKey(keyIn(key, keyFile)))
    throw new ConfigError([
      `${keyFile}: is not the key of the certificate in ${certFile}; give two that belong together`
    ])
  const options: SecureContextOptions = { cert, key, ...(ca && { ca }), minVersion: 'TLSv1.2' }
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new ConfigError([`${certFile}, ${keyFile}: cannot be used for TLS (${(cause as Error).message})`])
  }
  return options
}

async function pem(file: string, setting: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ConfigError([`${file}: cannot be read (${code}); give ${setting} the path of a PEM file`])
  }
}

function certificateIn(text: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(text)
  } catch {
    throw new ConfigError([`${file}: is no certificate; write one in PEM, with -----BEGIN CERTIFICATE-----`])
  }
}

function keyIn(text: Buffer, file: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // OpenSSL asks for a passphrase and is given none.
    const why =
      code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED' || code === 'ERR_MISSING_PASSPHRASE'
        ? 'is encrypted; write it without a passphrase, readable for this user only'
        : 'is no private key; write one in PEM, with -----BEGIN PRIVATE KEY-----'
    throw new ConfigError([`${file}: ${why}`])
  }
}
