import { useEffect, type ComponentType } from 'react'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { AlertsPage } from './pages/alerts.tsx'
import { CallPage } from './pages/call.tsx'
import { CallsPage } from './pages/calls.tsx'
import { CapacityPage } from './pages/capacity.tsx'
import { Overview } from './pages/overview.tsx'
import { PeerPage } from './pages/peer.tsx'
import { PipelinePage } from './pages/pipeline.tsx'
import { usePlace } from './router.ts'
import { useLive } from './use-live.tsx'

type Page = { readonly title: string; readonly show: ComponentType<{ readonly query: URLSearchParams }> }

const pages: Readonly<Record<string, Page>> = {
  '': { title: 'Overview', show: Overview },
  peer: { title: 'Peer', show: PeerPage },
  calls: { title: 'Calls', show: CallsPage },
  call: { title: 'Call', show: CallPage },
  alerts: { title: 'Alerts', show: AlertsPage },
  capacity: { title: 'Capacity', show: CapacityPage },
  pipeline: { title: 'Pipeline', show: PipelinePage }
}

export function App() {
  const { page, query } = usePlace()
  const { snapshot, lost, retry } = useLive()
  const { title, show: Shown } = pages[page] ?? pages['']!
  const subject = query.get('name') ?? query.get('id')
  useEffect(() => {
    document.title = `${subject === null ? title : `${title} ${subject}`} · Earshot`
  }, [title, subject])
  return (
    <div className={['page', `page-${page || 'overview'}`, lost && 'stale'].filter(Boolean).join(' ')}>
      <a className="skip" href="#main">
        To the content
      </a>
      {lost && <ConnectionBanner lost={lost} now={snapshot?.now ?? undefined} retry={retry} />}
      <Header page={page} />
      <main id="main" tabIndex={-1}>
        <Shown query={query} key={page} />
      </main>
    </div>
  )
}
