import { setTimeout as pause } from 'node:timers/promises'
import { assign } from './kafka-assignment.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { codeOf, failureOf, type KafkaFailure } from './kafka-errors.ts'
import type { KafkaNames } from './kafka-names.ts'
import { MemberAssignment, MemberMetadata, type Broker } from './kafkajs.ts'

/** What a membership tells, one thing after the other. */
export type Membership = {
  /** `renewed`: the group had given this member up since the last time, so others may have worked what it had. */
  assigned(partitions: readonly number[], renewed: boolean): void
  /** The group cannot be reached now; joining is tried again. */
  disconnected(failure: KafkaFailure): void
  /** It can never be joined. */
  failed(failure: KafkaFailure): void
}

type Joined = { readonly coordinator: Broker; readonly generation: number; readonly partitions: readonly number[] }

/** The name of our way to share out, which every member must have. */
const protocol = 'earshot-sticky-1'

const heartbeatMs = 500

/**
 * A place in a consumer group of Kafka, which says who works which partitions.
 *
 * It decides nothing about what is committed: that is the transactions' part. So members go on working through a
 * rebalance and outages of the group, and at worst are fenced.
 */
export class KafkaMembership {
  readonly #connection: KafkaConnection
  readonly #names: KafkaNames
  readonly #sessionMs: number
  readonly #tell: Membership
  readonly #leaving = new AbortController()
  #cluster: KafkaCluster
  #memberId = ''
  #owned: readonly number[] = []
  #confirmations: (() => void)[] = []
  #over: Promise<void> | undefined

  /** Does nothing before `join`. Whoever is silent for `sessionMs` loses its place. */
  constructor(connection: KafkaConnection, names: KafkaNames, sessionMs: number, tell: Membership) {
    this.#connection = connection
    this.#names = names
    this.#sessionMs = sessionMs
    this.#tell = tell
    this.#cluster = new KafkaCluster(connection)
  }

  join(): void {
    this.#over ??= this.#keepJoined()
  }

  /** Gives the place back at once, so that the others need not wait for the session to end. */
  async leave(): Promise<void> {
    this.#leaving.abort()
    this.#cluster.close()
    await this.#over
    if (this.#memberId === '') return
    const cluster = new KafkaCluster(this.#connection)
    const { groupId } = this.#names
    try {
      const coordinator = await cluster.groupCoordinator(groupId)
      await cluster.call(() => coordinator.leaveGroup({ groupId, memberId: this.#memberId }))
    } catch {
      // Then the session ends by itself.
    } finally {
      cluster.close()
    }
  }

  /** Resolves when the group has confirmed this member after this call, or will not any more. */
  confirmed(): Promise<void> {
    return new Promise(resolve => {
      if (this.#leaving.signal.aborted) resolve()
      else this.#confirmations.push(resolve)
    })
  }

  async #keepJoined(): Promise<void> {
    let renewed = false
    for (let delayMs = 100; !this.#leaving.signal.aborted;) {
      try {
        const joined = await this.#join()
        delayMs = 100
        this.#owned = joined.partitions
        this.#tell.assigned(joined.partitions, renewed)
        renewed = false
        await this.#beat(joined)
      } catch (error) {
        const code = codeOf(error)
        if (this.#leaving.signal.aborted || code === 'REBALANCE_IN_PROGRESS') continue
        if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') {
          this.#memberId = ''
          this.#owned = []
          renewed = true
          continue
        }
        const failure = failureOf(error, this.#connection)
        if (!failure.passing) {
          this.#tell.failed(failure)
          break
        }
        this.#tell.disconnected(failure)
        this.#cluster.close()
        this.#cluster = new KafkaCluster(this.#connection)
        await this.#pause(delayMs)
        delayMs = Math.min(delayMs * 2, 2000)
      }
    }
    this.#confirm()
  }

  async #join(): Promise<Joined> {
    const { groupId, topic } = this.#names
    const coordinator = await this.#cluster.groupCoordinator(groupId)
    const metadata = MemberMetadata.encode({ version: 0, topics: [topic], userData: ownedBytes(this.#owned) })
    const joined = await this.#cluster.call(() =>
      coordinator.joinGroup({
        groupId,
        sessionTimeout: this.#sessionMs,
        rebalanceTimeout: this.#sessionMs,
        memberId: this.#memberId,
        groupProtocols: [{ name: protocol, metadata }]
      })
    )
    const { memberId, leaderId, generationId, members } = joined
    this.#memberId = memberId
    const groupAssignment = memberId === leaderId ? await this.#share(members) : []
    const { memberAssignment } = await this.#cluster.call(() =>
      coordinator.syncGroup({ groupId, generationId, memberId, groupAssignment })
    )
    const { assignment = {} } = MemberAssignment.decode(memberAssignment) ?? {}
    return { coordinator, generation: generationId, partitions: assignment[topic] ?? [] }
  }

  /** One member, the leader, does this for all. */
  async #share(members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]) {
    const { topic } = this.#names
    const partitions = await this.#cluster.partitions(topic)
    const shares = assign(
      partitions,
      members.map(({ memberId, memberMetadata }) => ({
        id: memberId,
        owned: ownedOf(MemberMetadata.decode(memberMetadata).userData)
      }))
    )
    return [...shares].map(([memberId, own]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({ version: 0, assignment: { [topic]: own } })
    }))
  }

  /** Ends by a rejection only, or when it leaves. */
  async #beat({ coordinator, generation }: Joined): Promise<void> {
    while (!this.#leaving.signal.aborted) {
      await this.#pause(heartbeatMs)
      if (this.#leaving.signal.aborted) return
      const confirmations = this.#confirmations
      this.#confirmations = []
      try {
        await this.#cluster.call(() =>
          coordinator.heartbeat({
            groupId: this.#names.groupId,
            groupGenerationId: generation,
            memberId: this.#memberId
          })
        )
      } catch (error) {
        this.#confirmations.push(...confirmations)
        throw error
      }
      for (const confirm of confirmations) confirm()
    }
  }

  #confirm(): void {
    for (const confirm of this.#confirmations) confirm()
    this.#confirmations = []
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#leaving.signal }).catch(() => undefined)
  }
}

const ownedBytes = (owned: readonly number[]): Buffer => Buffer.from(owned.join(' '))

const ownedOf = (bytes: Buffer): number[] =>
  bytes
    .toString()
    .split(' ')
    .filter(text => text !== '')
    .map(Number)
