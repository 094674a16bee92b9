/** What each rule must record of the traffic below, and of the same series when they stand still. */
type RecordingCase = {
  readonly record: string
  /** Value by labels, 20 minutes on; none where nothing must be there. */
  readonly samples: Readonly<Record<string, number>>
  readonly atRest: Readonly<Record<string, number>>
}

const rates: Readonly<Record<string, number>> = {
  'earshot_peer_info{peer="far",group="Wholesale",instance="a"}': 1,
  'earshot_peer_info{peer="far",group="",instance="b"}': 1,
  'earshot_peer_info{peer="lone",group=""}': 1,
  ...parts('far', 'outbound', {
    judged: 20,
    establishable: 18,
    effective: 16,
    ineffective: 2,
    completed: 6,
    seizures: 16,
    network_effective: 12,
    early_media: 10,
    early_media_abandoned: 4
  }),
  // Of this one nobody was answered, had early media or was effective: those series are not there.
  ...parts('near', 'outbound', { judged: 20, establishable: 20, seizures: 16 }),
  ...attempts({ 'early_media answered': 3, 'ringing answered': 5, 'unusable no_answer': 2, 'none congestion': 1 }),
  'earshot_session_request_delay_seconds_bucket{peer="far",direction="outbound",result="success",le="1"}': 0,
  'earshot_session_request_delay_seconds_bucket{peer="far",direction="outbound",result="success",le="2"}': 8,
  'earshot_session_request_delay_seconds_bucket{peer="far",direction="outbound",result="success",le="+Inf"}': 8,
  'earshot_session_request_delay_seconds_count{peer="far",direction="outbound",result="success"}': 8,
  'earshot_session_request_delay_seconds_count{peer="far",direction="outbound",result="failed"}': 9,
  'earshot_rejections_total{peer="far",direction="outbound",method="UPDATE",code="501"}': 4,
  'earshot_rejections_total{peer="far",direction="outbound",method="UPDATE",code="405"}': 1
}

function parts(peer: string, direction: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  const named = Object.entries(counts).map(([part, count]): [string, number] => [
    `earshot_ratio_parts_total{peer="${peer}",direction="${direction}",part="${part}"}`,
    count
  ])
  return Object.fromEntries(named)
}

function attempts(counts: Readonly<Record<string, number>>): Record<string, number> {
  const named = Object.entries(counts).map(([classAndOutcome, count]): [string, number] => {
    const [earlyClass, outcome] = classAndOutcome.split(' ')
    return [`earshot_attempts_total{peer="far",direction="outbound",class="${earlyClass}",outcome="${outcome}"}`, count]
  })
  return Object.fromEntries(named)
}

/** Each series so much more a minute; the information of peers is 1 all the time. */
export const moving = Object.fromEntries(
  Object.entries(rates).map(([series, rate]) => [series, isInfo(series) ? '1x30' : `0+${rate}x30`])
)
export const resting = Object.fromEntries(Object.keys(rates).map(series => [series, isInfo(series) ? '1x30' : '7x30']))

function isInfo(series: string): boolean {
  return series.startsWith('earshot_peer_info')
}

const far = '{peer="far", direction="outbound"}'
const near = '{peer="near", direction="outbound"}'
const all = '{direction="outbound"}'

/** In the last 15 minutes, at a peer where all is there, at one where the numerators are not, and of both. */
const volume = (name: string, ofFar: number, ofNear: number): RecordingCase[] => [
  {
    record: `peer_direction:earshot_${name}:increase15m`,
    samples: { [far]: ofFar, ...(ofNear > 0 && { [near]: ofNear }) },
    atRest: { [far]: 0, ...(ofNear > 0 && { [near]: 0 }) }
  },
  volumeOfAll(name, ofFar + ofNear)
]
const volumeOfAll = (name: string, ofAll: number): RecordingCase => ({
  record: `direction:earshot_${name}:increase15m`,
  samples: { [all]: ofAll },
  atRest: { [all]: 0 }
})
const ratio = (name: string, ofFar: number, ofNear: number | undefined, ofAll: number): RecordingCase[] => [
  {
    record: `peer_direction:earshot_${name}:ratio_rate15m`,
    samples: { [far]: ofFar, ...(ofNear !== undefined && { [near]: ofNear }) },
    atRest: {}
  },
  ratioOfAll(name, ofAll)
]
const ratioOfAll = (name: string, value: number): RecordingCase => ({
  record: `direction:earshot_${name}:ratio_rate15m`,
  samples: { [all]: value },
  atRest: {}
})

export const recordingCases: readonly RecordingCase[] = [
  {
    record: 'peer:earshot_peer_info:topk',
    samples: { '{peer="far", group="Wholesale"}': 1 },
    atRest: { '{peer="far", group="Wholesale"}': 1 }
  },
  {
    record: 'peer:earshot_attempts:increase15m',
    samples: { '{peer="far"}': 165 },
    atRest: { '{peer="far"}': 0 }
  },
  ...volume('judged', 300, 300),
  volumeOfAll('establishable', 570),
  ...volume('seizures', 240, 240),
  ...volume('early_media', 150, 0),
  ...ratio('asr', 8 / 16, 0, 8 / 32),
  ratioOfAll('abr', 8 / 40),
  ...ratio('ner', 12 / 16, 0, 12 / 32),
  ratioOfAll('ser', 8 / 38),
  ratioOfAll('seer', 16 / 38),
  ratioOfAll('isa', 2 / 40),
  ratioOfAll('scr', 6 / 40),
  ...ratio('early_media', 10 / 20, 0, 10 / 40),
  ...ratio('early_media_asr', 3 / 10, undefined, 3 / 10),
  ...ratio('early_media_abandoned', 4 / 10, undefined, 4 / 10),
  ...ratio('early_media_unusable', 2 / 20, 0, 2 / 40),
  ...ratio('congestion', 1 / 20, 0, 1 / 40),
  {
    record: 'peer_direction:earshot_session_request_delay:increase15m',
    samples: { [far]: 120 },
    atRest: { [far]: 0 }
  },
  {
    record: 'peer_direction:earshot_session_request_delay_seconds:p95_rate15m',
    samples: { [far]: 1.95 },
    atRest: {}
  },
  {
    record: 'peer_method:earshot_rejections:increase15m',
    samples: { '{peer="far", method="UPDATE"}': 75 },
    atRest: { '{peer="far", method="UPDATE"}': 0 }
  },
  {
    record: 'peer_method:earshot_rejections:ratio_rate15m',
    samples: { '{peer="far", method="UPDATE"}': 0.25 },
    atRest: {}
  }
]
