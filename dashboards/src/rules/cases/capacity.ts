import type { AlertCases } from './case.ts'

const calls = (state: string): string => `earshot_concurrent_calls{peer="far",direction="outbound",state="${state}"}`
const contractedCalls = 'earshot_contracted_calls{peer="far",instance="a"}'
const answered = 'earshot_attempts_total{peer="far",direction="outbound",class="ringing",outcome="answered"}'
const contractedAttempts = 'earshot_contracted_attempts_per_second{peer="far",instance="a"}'

export const capacityCases: AlertCases = {
  EarshotCallsNearContract: [
    {
      name: 'nine of ten for a quarter of an hour; two processes tell the contract',
      series: {
        [calls('setup')]: '10x30',
        [calls('established')]: '80x30',
        [contractedCalls]: '100x30',
        'earshot_contracted_calls{peer="far",instance="b"}': '100x30'
      },
      at: '20m',
      alerts: [
        {
          labels: { peer: 'far', severity: 'warning' },
          summary: 'far: the contracted concurrent calls are nearly used',
          description: '90% of the concurrent calls that far has contracted are used, and more than 80 % for 15m.'
        }
      ]
    },
    {
      name: 'not for long enough',
      series: { [calls('established')]: '10x10 90x20', [contractedCalls]: '100x30' },
      at: '20m'
    },
    { name: 'three of four', series: { [calls('established')]: '75x30', [contractedCalls]: '100x30' }, at: '20m' },
    { name: 'nothing is contracted', series: { [calls('established')]: '75x30' }, at: '20m' }
  ],
  EarshotAttemptsNearContract: [
    {
      name: 'nine of ten for a quarter of an hour',
      series: { [answered]: '0+540x40', [contractedAttempts]: '10x40' },
      at: '35m',
      alerts: [
        {
          labels: { peer: 'far', severity: 'warning' },
          summary: 'far: the contracted attempts per second are nearly used',
          description: '90% of the attempts per second that far has contracted are used, and more than 80 % for 15m.'
        }
      ]
    },
    { name: 'not for long enough', series: { [answered]: '0+540x40', [contractedAttempts]: '10x40' }, at: '10m' },
    { name: 'three of four', series: { [answered]: '0+450x40', [contractedAttempts]: '10x40' }, at: '35m' }
  ]
}
