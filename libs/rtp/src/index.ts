export { isMediaProtocol, mediaProtocol } from './protocols.ts'
export { readMedia, type MediaError, type MediaReport } from './media.ts'
export { kindOfMedia } from './packets.ts'
