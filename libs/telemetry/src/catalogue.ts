import { counter, gauge, histogram } from './declare.ts'

const directions = ['inbound', 'outbound', 'internal']
const classes = ['none', 'ringing', 'progress', 'precondition', 'vetoed', 'unusable', 'early_media']
const outcomes = [
  'answered',
  'redirected',
  'busy',
  'cancelled',
  'no_answer',
  'unavailable',
  'timeout',
  'not_found',
  'incompatible',
  'declined',
  'congestion',
  'server_error',
  'rejected',
  'open'
]
const methods =
  'INVITE ACK BYE CANCEL REGISTER OPTIONS PRACK UPDATE MESSAGE REFER PUBLISH INFO SUBSCRIBE NOTIFY OTHER'.split(' ')
const diagnosisCodes = [
  'no_audio',
  'port_zero',
  'no_backward_media',
  'hold_address',
  'codec_mismatch',
  'profile_mismatch',
  'key_missing',
  'malformed_answer',
  'offer_unanswered',
  'illegal_offer_unreliable',
  'precondition_unmet',
  'p_early_media_inactive',
  'prack_missing',
  'prack_rejected',
  'announced_cause',
  'silence_risk',
  'no_ringing_no_media_evidence',
  'other'
]
const transports = ['udp', 'tcp', 'tls']

const ratioPartNames = [
  'judged',
  'establishable',
  'effective',
  'ineffective',
  'completed',
  'seizures',
  'network_effective',
  'early_media',
  'early_media_abandoned',
  'calls',
  'calls_answered',
  'calls_repeated',
  'calls_answered_repeated'
]
/** Seconds to the first sign of an attempt. */
const delays = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 32]

/** Peers in a direction whose times are told apart: a series of them is a dozen lines. */
const timedRows = 2_000

/** Peers in a direction: the 5,000 of `maxPeers` inbound and outbound, and 1,000 of the registry. */
const peerRows = 12_000

// What the collector receives.

export const packets = counter('earshot_packets_total', {
  help: 'HEP packets received, by transport and HEP version.',
  labels: ['transport', 'version'],
  values: { transport: transports, version: ['1', '2', '3', 'unknown'] }
})
export const packetBytes = counter('earshot_packet_bytes_total', {
  help: 'Bytes of the HEP packets received.',
  labels: ['transport'],
  values: { transport: transports }
})
export const drops = counter('earshot_drops_total', {
  help: 'What was received and not worked, by reason: the code of the decoder’s or parser’s error, or what was full.',
  labels: ['reason'],
  maxSeries: 100
})
export const deadLetters = counter('earshot_dead_letters_total', {
  help: 'Packets that could not be decoded and are kept to look at, by reason.',
  labels: ['reason'],
  maxSeries: 20
})
export const deadLettersSuppressed = counter('earshot_dead_letters_suppressed_total', {
  help: 'Packets that could not be decoded and are not kept: more than 10 a second of that reason, or the log is away.',
  labels: ['reason'],
  maxSeries: 20
})
export const logAway = gauge('earshot_log_away', {
  help: '1 while a collector cannot append to Kafka, 0 while it can.'
})
export const spoolBytes = gauge('earshot_spool_bytes', {
  help: 'What a collector keeps on its disk until Kafka takes it.'
})
export const spoolCapacity = gauge('earshot_spool_capacity_bytes', {
  help: 'What a collector may keep on its disk until Kafka takes it; past that it takes nothing more.'
})
export const spoolRecords = gauge('earshot_spool_records', {
  help: 'Records that a collector keeps on its disk until Kafka takes them.'
})
export const hepConnections = gauge('earshot_hep_connections', {
  help: 'HEP connections open now (TCP and TLS).'
})
export const captureClockOffset = gauge('earshot_capture_clock_offset_seconds', {
  help: 'Estimated offset of an agent’s clock to the collector’s; positive where the agent is ahead.',
  labels: ['agent'],
  maxSeries: 1_000
})
export const agentLastPacket = gauge('earshot_agent_last_packet_timestamp_seconds', {
  help: 'When a collector last took a packet of the agent, in seconds since 1970; of several collectors take the maximum. Of each collector the thousand agents that were heard last.',
  labels: ['agent'],
  maxSeries: 1_000
})
export const timesAdjusted = counter('earshot_times_adjusted_total', {
  help: 'Capture times replaced or shifted, by reason.',
  labels: ['reason'],
  maxSeries: 20
})

// What the messages are, and how far they were worked.

export const messages = counter('earshot_messages_total', {
  help: 'SIP messages by kind; sip is all of them, not_sip payloads that are none, the other kinds are parts of sip.',
  labels: ['kind'],
  values: {
    kind: ['sip', 'not_sip', 'unparsable', 'retransmission', 'duplicate', 'refresh', 'orphan', 'late', 'not_kept']
  }
})
export const mediaReports = counter('earshot_media_reports_total', {
  help: 'Reports of RTP and RTCP by what became of them: matched with an open attempt or not, not kept (a flood), or why they say nothing.',
  labels: ['result'],
  values: {
    result: ['matched', 'unmatched', 'not_kept', 'not_json', 'not_rtcp', 'truncated', 'no_count', 'no_address']
  }
})
export const watermark = gauge('earshot_watermark_timestamp_seconds', {
  help: 'The event time up to which everything was worked, in seconds since 1970; of several processes take the minimum.'
})
export const logBytes = gauge('earshot_log_bytes', {
  help: 'Size of the embedded log.'
})
export const logLag = gauge('earshot_log_lag_records', {
  help: 'Records of a topic that a group has not committed yet. Every process tells it of all partitions: take the maximum.',
  labels: ['group', 'topic'],
  maxSeries: 100
})
export const logLost = counter('earshot_log_lost_records_total', {
  help: 'Records that were deleted to keep to the retention before a group had read them, since the log was made. Every process tells it of all partitions: take the maximum.',
  labels: ['group'],
  maxSeries: 20
})
export const restoreSeconds = histogram('earshot_restore_seconds', {
  help: 'Time from the assignment of a partition until its state was restored.',
  labels: ['group'],
  maxSeries: 20,
  buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
})
export const transactionFailures = counter('earshot_transaction_failures_total', {
  help: 'Commits that failed; their records were worked again.',
  labels: ['group'],
  maxSeries: 20
})
export const recordLatency = histogram('earshot_record_latency_seconds', {
  help: 'From the answer of an attempt, or the capture of a rejection, to its being counted in these metrics: the lateness included.',
  labels: ['kind'],
  values: { kind: ['attempt', 'rejection'] },
  buckets: [1, 2, 2.25, 2.5, 2.75, 3, 3.5, 4, 5, 7.5, 10, 15, 30, 60, 300]
})

// What became of the calls.

export const attempts = counter('earshot_attempts_total', {
  help: 'Call attempts whose record is final, by class and outcome.',
  labels: ['peer', 'direction', 'class', 'outcome'],
  values: { direction: directions, class: classes, outcome: outcomes },
  maxSeries: 10 * peerRows
})
export const attemptsPending = gauge('earshot_attempts_pending', {
  help: 'Call attempts whose record is not final yet, as they stand now.',
  labels: ['peer', 'direction', 'class', 'outcome'],
  values: { direction: directions, class: classes, outcome: outcomes },
  maxSeries: 10 * peerRows
})
export const joinedCalls = counter('earshot_joined_calls_total', {
  help: 'Calls whose legs, attempts with different Call-IDs, were joined.'
})
export const legsNotJoined = counter('earshot_legs_not_joined_total', {
  help: 'Attempts that were not joined with others, by reason: crowd, too many have one key to be a call; full, too many wait for their legs.',
  labels: ['reason'],
  values: { reason: ['crowd', 'full'] }
})
export const earlyMediaSeconds = counter('earshot_early_media_seconds_total', {
  help: 'Time in early media of attempts of class early_media.',
  labels: ['peer', 'direction'],
  values: { direction: directions },
  maxSeries: peerRows
})
export const earlyMediaDuration = histogram('earshot_early_media_duration_seconds', {
  help: 'Time in early media of attempts of class early_media, by how they ended; failed is every other outcome.',
  labels: ['peer', 'direction', 'outcome'],
  values: { direction: directions, outcome: ['answered', 'no_answer', 'busy', 'cancelled', 'failed'] },
  buckets: [0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 180],
  maxSeries: 2 * timedRows
})
export const timeTo183 = histogram('earshot_time_to_183_seconds', {
  help: 'INVITE to the first 183 of the attempt.',
  labels: ['peer', 'direction'],
  values: { direction: directions },
  buckets: delays,
  maxSeries: timedRows
})
export const timeToEarlyMedia = histogram('earshot_time_to_early_media_seconds', {
  help: 'INVITE to the moment when early media could play first.',
  labels: ['peer', 'direction'],
  values: { direction: directions },
  buckets: delays,
  maxSeries: timedRows
})
export const sessionRequestDelay = histogram('earshot_session_request_delay_seconds', {
  help: 'Session request delay (RFC 6076 §4.3, SRD; post-dial delay): INVITE to the first 18x or 2xx (success), else to the 4xx, 5xx or 6xx but 401, 402 and 407 (failed).',
  labels: ['peer', 'direction', 'result'],
  values: { direction: directions, result: ['success', 'failed'] },
  buckets: delays,
  maxSeries: 2 * timedRows
})
export const sessionDisconnectDelay = histogram('earshot_session_disconnect_delay_seconds', {
  help: 'Session disconnect delay (RFC 6076 §4.4, SDD): BYE to its final response.',
  labels: ['peer', 'direction'],
  values: { direction: directions },
  buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 32],
  maxSeries: timedRows
})
export const sessionDuration = histogram('earshot_session_duration_seconds', {
  help: 'Session duration time (RFC 6076 §4.5, SDT): 2xx to BYE. Its sum over its count is the average call duration (ITU-T E.425 ACD).',
  labels: ['peer', 'direction'],
  values: { direction: directions },
  buckets: [1, 6, 15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600, 7200],
  maxSeries: timedRows
})
export const ratioParts = counter('earshot_ratio_parts_total', {
  help: 'What ratios are made of, beside answered, the attempts of that outcome in earshot_attempts_total. RFC 6076: SER = answered / establishable, SEER = effective / establishable, ISA = ineffective / judged, SCR = completed / judged. ITU-T E.411, E.425: ASR = answered / seizures, ABR = answered / judged, NER = network_effective / seizures. Early media: EM rate = early_media / judged, EM-ASR = answered of class early_media / early_media, EM abandon rate = early_media_abandoned / early_media. Calls beside attempts: calls_answered / calls of a peer; of peers of one group together, each less its calls_answered_repeated and calls_repeated, which count at another of them. Judged are attempts that are neither open nor cancelled because the call was answered elsewhere.',
  labels: ['peer', 'direction', 'part'],
  values: { direction: directions, part: ratioPartNames },
  maxSeries: 12 * peerRows
})
export const responses183 = counter('earshot_responses_183_total', {
  help: '183 responses to initial INVITEs, copies not counted, by whether one carried a session description (yes, no).',
  labels: ['peer', 'direction', 'sdp'],
  values: { direction: directions, sdp: ['yes', 'no'] },
  maxSeries: 2 * peerRows
})
export const diagnoses = counter('earshot_diagnoses_total', {
  help: 'Call attempts whose early media could not play or is in doubt, by the code of the diagnosis; one may have several.',
  labels: ['peer', 'direction', 'code'],
  values: { direction: directions, code: diagnosisCodes },
  maxSeries: 5 * peerRows
})
export const causes = counter('earshot_causes_total', {
  help: 'Call attempts by their effective Q.850 cause, that of the last 18x where the final says nothing, and by whether they had early media (yes, no). Attempts without a cause are not in it.',
  labels: ['peer', 'direction', 'cause', 'early_media'],
  values: { direction: directions, early_media: ['yes', 'no'] },
  maxSeries: 5 * peerRows
})
export const rejections = counter('earshot_rejections_total', {
  help: 'Transactions rejected because of their method, by method and code.',
  labels: ['peer', 'direction', 'method', 'code'],
  values: { direction: directions, method: methods, code: ['405', '501'] },
  maxSeries: 5 * peerRows
})
export const calls = counter('earshot_calls_total', {
  help: 'Calls: Call-ID and From-tag, with all their attempts.'
})

export const peerInfo = gauge('earshot_peer_info', {
  help: 'Always 1; the group that the registry puts a peer in, empty where it is in none. Every process tells the registry’s peers and its own: take the maximum.',
  labels: ['peer', 'group'],
  maxSeries: peerRows
})

// Capacity.

export const concurrentCalls = gauge('earshot_concurrent_calls', {
  help: 'Calls under way, by state: setup, not answered and without early media so far; early_media, not answered and with it; established, answered and not ended.',
  labels: ['peer', 'direction', 'state'],
  values: { direction: directions, state: ['setup', 'early_media', 'established'] },
  maxSeries: 3 * peerRows
})
export const busySecondAttempts = gauge('earshot_busy_second_attempts', {
  help: 'Call attempts begun in the busiest second of the UTC day, in one direction and in both together.',
  labels: ['peer', 'direction'],
  values: { direction: ['inbound', 'outbound', 'both'] },
  maxSeries: 2 * peerRows
})
export const peakCalls = gauge('earshot_peak_calls', {
  help: 'The most calls at the end of a second of the UTC day, in setup or established, in one direction and in both together.',
  labels: ['peer', 'direction'],
  values: { direction: ['inbound', 'outbound', 'both'] },
  maxSeries: 2 * peerRows
})
export const contractedCalls = gauge('earshot_contracted_calls', {
  help: 'Concurrent calls that the registry says are contracted, in both directions together. Every process tells it: take the maximum.',
  labels: ['peer'],
  maxSeries: peerRows
})
export const contractedAttempts = gauge('earshot_contracted_attempts_per_second', {
  help: 'Call attempts per second that the registry says are contracted, in both directions together. Every process tells it: take the maximum.',
  labels: ['peer'],
  maxSeries: peerRows
})

// What is detected.

const alertKinds = ['method_regression', 'allow_drop', 'spike', 'drop', 'absence', 'headroom']
const severities = ['warning', 'critical']

export const alerts = counter('earshot_alerts_total', {
  help: 'Alerts that started.',
  labels: ['kind', 'peer', 'severity'],
  values: { kind: alertKinds, severity: severities },
  maxSeries: peerRows
})
export const alertsActive = gauge('earshot_alerts_active', {
  help: 'Alerts that last; of several processes take the sum.',
  labels: ['kind', 'peer', 'severity'],
  values: { kind: alertKinds, severity: severities },
  maxSeries: peerRows
})
export const alertsAcknowledged = gauge('earshot_alerts_acknowledged', {
  help: 'Of the alerts that last, those that somebody has acknowledged.',
  labels: ['kind', 'peer', 'severity'],
  values: { kind: alertKinds, severity: severities },
  maxSeries: peerRows
})
export const alertsSilenced = gauge('earshot_alerts_silenced', {
  help: 'Of the alerts that last, those that are silenced now.',
  labels: ['kind', 'peer', 'severity'],
  values: { kind: alertKinds, severity: severities },
  maxSeries: peerRows
})
export const webhookRequests = counter('earshot_webhook_requests_total', {
  help: 'Times that alerts were told to the webhook, by whether it took them.',
  labels: ['result'],
  values: { result: ['taken', 'failed'] }
})
export const methodRegressed = gauge('earshot_method_regressed', {
  help: '1 for each method that a peer took and now rejects.',
  labels: ['peer', 'method'],
  values: { method: methods },
  maxSeries: peerRows
})
export const methodState = gauge('earshot_method_state', {
  help: '1 for the state that a method has at a peer: supported, advertised (listed in Allow and not seen yet), rejected, inconsistent (listed and rejected) or regressed. Methods of which nothing is known have none.',
  labels: ['peer', 'method', 'state'],
  values: { method: methods, state: ['supported', 'advertised', 'rejected', 'inconsistent', 'regressed'] },
  maxSeries: 10 * 6_000
})

// What is kept to be searched.

export const recordsStored = counter('earshot_store_rows_total', {
  help: 'Rows that this process has written to the store, by what they are of; what the store had already is none where it can tell.',
  labels: ['kind'],
  values: { kind: ['records', 'messages'] }
})
export const recordsTooOld = counter('earshot_store_too_old_total', {
  help: 'Records that were not kept: those of their time are deleted already.'
})
export const storeBytes = gauge('earshot_store_bytes', {
  help: 'Size of the store, raw messages included; as it was at most ten seconds ago.'
})
export const storeStaleRollups = gauge('earshot_store_stale_rollups', {
  help: 'Rollups of a minute that are behind the records of the store; as it was at most ten seconds ago.'
})
export const storeFailures = counter('earshot_store_failures_total', {
  help: 'Times that the store did not do what it was asked; what was to be written is tried again.'
})
export const heldBytes = gauge('earshot_recorder_held_bytes', {
  help: 'Raw messages that wait until it is known whether their calls are worth keeping.'
})
export const messagesNotKept = counter('earshot_messages_not_kept_total', {
  help: 'Raw messages that were given up: disk, the disk is nearly full; full, more wait than may, and their calls were judged early.',
  labels: ['reason'],
  values: { reason: ['disk', 'full'] }
})

// The process itself.

export const seriesOverflow = counter('earshot_series_overflow_total', {
  help: 'Values counted under other because their metric has all the series it may have.',
  labels: ['metric'],
  maxSeries: 200
})
export const peersOverflow = counter('earshot_peers_overflow_total', {
  help: 'Records of unregistered addresses past maxPeers; they count under the peer other.'
})
export const buildInfo = gauge('earshot_build_info', {
  help: 'Always 1; the labels are the versions that run.',
  labels: ['version', 'node'],
  maxSeries: 20
})
export const eventLoopDelay = gauge('earshot_event_loop_delay_seconds', {
  help: 'How late the event loop was since the metrics were last read, as median, 99th percentile and longest.',
  labels: ['statistic'],
  values: { statistic: ['p50', 'p99', 'max'] }
})
export const processCpu = counter('process_cpu_seconds_total', {
  help: 'User and system CPU time of the process.'
})
export const residentMemory = gauge('process_resident_memory_bytes', {
  help: 'Resident memory of the process.'
})
