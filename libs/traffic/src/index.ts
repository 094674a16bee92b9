export { ladder, ladderParticipants, type LadderOptions } from './ladder.ts'
export { LadderError, type Participant } from './ladder-lines.ts'
export { carrierTraffic, usualIncidents, type CarrierOptions, type CarrierTraffic, type Incident } from './carrier.ts'
export { carrierPeers, carrierProfiles, type CarrierPeer, type CarrierProfile } from './carrier-peers.ts'
export type { CarrierTruth, PeerTruth } from './truth.ts'
export { openAttempts, simpleCalls, type SimpleCallsOptions } from './simple-calls.ts'
export {
  LABELLED_STEP_SECONDS,
  labelledTraffic,
  type LabelledCounts,
  type LabelledOptions,
  type LabelledPeer,
  type LabelledStep
} from './labelled/labelled-traffic.ts'
export type { IncidentKind, IncidentShape, Label } from './labelled/incidents.ts'
export {
  labelledEvidence,
  type EvidenceOptions,
  type LabelledEvidence,
  type Regression
} from './labelled/labelled-evidence.ts'
