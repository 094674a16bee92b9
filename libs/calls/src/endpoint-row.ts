import type { Endpoint } from '@earshot/units'

export type EndpointRow = [address: string, port: number]

export const endpointRow = ({ address, port }: Endpoint): EndpointRow => [address, port]

export const readEndpoint = ([address, port]: EndpointRow): Endpoint => ({ address, port })
