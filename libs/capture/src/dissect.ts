import type { EpochMicros } from '@earshot/units'
import type { Cursor, End, Layer } from './cursor.ts'
import type { Fragments } from './fragments.ts'
import { ip, ipProtocol, udp } from './ip.ts'
import { ciscoHdlc, etherType, ethernet, loopback, mpls, ppp, pppoe, sll, sll2 } from './link.ts'
import { gre, gtp, vxlan } from './tunnel.ts'

const maxLayers = 64

/** Strips layers and tunnels until a payload is left, or none. Total and bounded in the number of layers. */
export function dissect(frame: Cursor, first: Layer, fragments: Fragments, now: EpochMicros): End {
  let layer = first
  for (let count = 0; count < maxLayers; count++) {
    switch (layer) {
      case 'ethernet':
        layer = ethernet(frame)
        break
      case 'etherType':
        layer = etherType(frame)
        break
      case 'ip':
        layer = ip(frame, fragments, now)
        break
      case 'ipProtocol':
        layer = ipProtocol(frame)
        break
      case 'udp':
        layer = udp(frame)
        break
      case 'sll':
        layer = sll(frame)
        break
      case 'sll2':
        layer = sll2(frame)
        break
      case 'loopback':
        layer = loopback(frame)
        break
      case 'ppp':
        layer = ppp(frame)
        break
      case 'ciscoHdlc':
        layer = ciscoHdlc(frame)
        break
      case 'pppoe':
        layer = pppoe(frame)
        break
      case 'mpls':
        layer = mpls(frame)
        break
      case 'gre':
        layer = gre(frame)
        break
      case 'gtp':
        layer = gtp(frame)
        break
      case 'vxlan':
        layer = vxlan(frame)
        break
      case 'datagram':
      case 'tcp':
      case 'sctp':
      case 'esp':
      case 'incomplete':
      case 'other':
      case 'bad':
        return layer
    }
  }
  frame.fail('too-many-layers')
  return 'bad'
}
