import type { Endpoint, Transport } from '@earshot/units'

/** An entry as the peer registry reads it. */
export type CarrierPeer = {
  readonly name: string
  readonly group: string
  readonly members: readonly string[]
  readonly ours?: true
  /** Contracted concurrent calls, and attempts per second. */
  readonly calls?: number
  readonly cps?: number
}

/** How the caller hears of the call before its end. */
export type Early =
  | 'none'
  | 'ringing'
  | 'ringing_with_sdp'
  | 'progress'
  | 'early_media'
  | 'reliable'
  | 'forked'
  | 'announcement'
  | 'vetoed'
  | 'unusable'

/** How an attempt ends: with a 2xx, by the caller, with nobody at the other side, or with this status. */
export type Ending = 'answered' | 'cancelled' | 'lost' | number

/** What equipment says of itself, and what it can. */
export type Equipment = {
  readonly agent: string
  readonly allow: string
  readonly supported: string
  readonly codecs: readonly string[]
}

/** A carrier and its habits. */
export type CarrierProfile = {
  readonly registry: CarrierPeer
  readonly equipment: Equipment
  readonly addresses: readonly Endpoint[]
  readonly transport: Transport
  /** A number of its subscribers, with # for each digit that differs. */
  readonly numbers: string
  /** Its part of all attempts, and how much of that comes in. */
  readonly share: number
  readonly inbound: number
  readonly postDialDelaySeconds: number
  readonly mix: readonly (readonly [early: Early, ending: Ending, weight: number])[]
  /** Per answered call, on average. */
  readonly updates: number
  readonly infos: number
  readonly reinvites: number
  /** Methods that it refuses at all times, with the status. */
  readonly rejects: Readonly<Record<string, 405 | 501>>
  /** Asks for credentials first. */
  readonly challenge?: 401 | 407
  /** Of the INVITEs and answers over UDP, how many are sent twice. */
  readonly lossRate: number
  /** A second capture agent sees the same leg. */
  readonly secondAgent?: string
}

const sip = (address: string): Endpoint => ({ address, port: 5060 })

/** One of our session border controllers: the capture agent is on it. */
export type OurSbc = { readonly agent: string; readonly v4: Endpoint; readonly v6: Endpoint }

export const ourSbcs: readonly OurSbc[] = [
  { agent: '101', v4: sip('10.0.0.1'), v6: sip('2001:db8:0:10::1') },
  { agent: '102', v4: sip('10.0.0.2'), v6: sip('2001:db8:0:10::2') },
  { agent: '103', v4: sip('10.0.0.3'), v6: sip('2001:db8:0:10::3') }
]

export const ourEquipment: Equipment = {
  agent: 'Border/7.4.2',
  allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY',
  supported: 'timer, 100rel, replaces, histinfo',
  codecs: ['PCMA', 'PCMU', 'G729', 'AMR-WB', 'DTMF']
}

export const ourNumbers = '+4722######'

/** What a retail destination does all day. */
const retail: CarrierProfile['mix'] = [
  ['early_media', 'answered', 26],
  ['ringing', 'answered', 20],
  ['ringing_with_sdp', 'answered', 6],
  ['progress', 'answered', 4],
  ['reliable', 'answered', 3],
  ['forked', 'answered', 2],
  ['ringing', 'cancelled', 9],
  ['early_media', 'cancelled', 7],
  ['ringing', 480, 4],
  ['early_media', 480, 3],
  ['early_media', 486, 5],
  ['none', 486, 3],
  ['announcement', 404, 3],
  ['announcement', 480, 2],
  ['announcement', 503, 1],
  ['none', 404, 2],
  ['none', 480, 1],
  ['none', 503, 1],
  ['none', 403, 0.5],
  ['none', 500, 0.5],
  ['ringing', 603, 1],
  ['none', 488, 0.3],
  ['none', 'lost', 0.2]
]

export const carrierProfiles: readonly CarrierProfile[] = [
  {
    registry: { name: 'Nordic Telecom', group: 'Interconnect', members: ['192.0.2.0/28'], calls: 1500, cps: 40 },
    equipment: {
      agent: 'NT-SBC/9.1',
      allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO',
      supported: 'timer, 100rel',
      codecs: ['PCMA', 'PCMU', 'DTMF']
    },
    addresses: [sip('192.0.2.1'), sip('192.0.2.2'), sip('192.0.2.3')],
    transport: 'udp',
    numbers: '+4791######',
    share: 30,
    inbound: 0.4,
    postDialDelaySeconds: 1.4,
    mix: retail,
    updates: 0.4,
    infos: 0.1,
    reinvites: 0.1,
    rejects: {},
    lossRate: 0.02
  },
  {
    registry: { name: 'Iberia Voice', group: 'Interconnect', members: ['192.0.2.64/27'], calls: 800, cps: 20 },
    equipment: {
      agent: 'IberiaSoftswitch 5.2',
      allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE',
      supported: 'timer',
      codecs: ['G729', 'PCMA', 'DTMF']
    },
    addresses: [sip('192.0.2.65'), sip('192.0.2.66')],
    transport: 'udp',
    numbers: '+3491#######',
    share: 20,
    inbound: 0.3,
    postDialDelaySeconds: 2.1,
    mix: [...retail, ['unusable', 'answered', 2], ['unusable', 'cancelled', 1]],
    updates: 0.3,
    infos: 0.5,
    reinvites: 0.1,
    rejects: { INFO: 501 },
    challenge: 407,
    lossRate: 0.03
  },
  {
    registry: { name: 'Atlas Transit', group: 'Wholesale', members: ['198.51.100.0/25'], calls: 2000, cps: 60 },
    equipment: {
      agent: 'AtlasCore/3.8 (release)',
      allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER',
      supported: 'timer, 100rel, replaces',
      codecs: ['PCMA', 'G729', 'DTMF']
    },
    addresses: [sip('198.51.100.10'), sip('198.51.100.11'), sip('198.51.100.12'), sip('198.51.100.13')],
    transport: 'udp',
    numbers: '+2125########',
    share: 25,
    inbound: 0.2,
    postDialDelaySeconds: 2.6,
    mix: [...retail, ['none', 302, 2], ['none', 503, 3], ['announcement', 404, 4]],
    updates: 1.2,
    infos: 0.1,
    reinvites: 0.05,
    rejects: {},
    lossRate: 0.01,
    secondAgent: '201'
  },
  {
    registry: {
      name: 'Meridian Mobile',
      group: 'Mobile',
      members: ['2001:db8:40::/48', '203.0.113.128/27'],
      calls: 1200,
      cps: 30
    },
    equipment: {
      agent: 'MM-IBCF 22.3',
      allow: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE',
      supported: 'timer, 100rel, precondition, 199',
      codecs: ['AMR-WB', 'PCMA', 'DTMF']
    },
    addresses: [sip('2001:db8:40::5'), sip('203.0.113.130'), sip('203.0.113.131')],
    transport: 'tcp',
    numbers: '+4673#######',
    share: 15,
    inbound: 0.5,
    postDialDelaySeconds: 3.2,
    mix: [...retail, ['reliable', 'answered', 20], ['reliable', 486, 3], ['vetoed', 'answered', 4]],
    updates: 0.5,
    infos: 0,
    reinvites: 0.2,
    rejects: {},
    lossRate: 0
  },
  {
    registry: { name: 'Pacific Carrier', group: 'Wholesale', members: ['203.0.113.0/26'], calls: 600, cps: 15 },
    equipment: {
      agent: 'pc-gw-2.11',
      allow: 'INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO',
      supported: 'replaces',
      codecs: ['PCMU', 'G729', 'DTMF']
    },
    addresses: [sip('203.0.113.7'), sip('203.0.113.8')],
    transport: 'udp',
    numbers: '+614########',
    share: 10,
    inbound: 0.2,
    postDialDelaySeconds: 3.8,
    mix: retail,
    updates: 0.3,
    infos: 0.2,
    reinvites: 0.1,
    rejects: { OPTIONS: 405 },
    lossRate: 0.04
  }
]

/** The registry that knows all of them, and which addresses are ours. */
export const carrierPeers: readonly CarrierPeer[] = [
  { name: 'Our network', group: 'Ours', members: ['10.0.0.0/24', '2001:db8:0:10::/64'], ours: true },
  ...carrierProfiles.map(profile => profile.registry)
]
