import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Failure } from './answers/shapes.ts'

const nothing = z.unknown()
type Shape = z.ZodType

/** A route of the API: what it takes and what it answers, from which the OpenAPI document is made. */
export type Route<Params extends Shape, Query extends Shape, Body extends Shape, Answer extends Shape> = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  /** A sentence for the document. */
  readonly summary: string
  readonly tag: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Of the status; without it what is answered is no JSON. */
  readonly answer?: Answer
  /** Of the answer; without it 200. */
  readonly status?: number
  /** What else it answers with, by status, beside 400 and those of access. */
  readonly failures?: Readonly<Record<number, string>>
  /** Of what is no JSON. */
  readonly mediaType?: string
  readonly handle: (
    asked: { readonly params: z.infer<Params>; readonly query: z.infer<Query>; readonly body: z.infer<Body> },
    request: FastifyRequest,
    reply: FastifyReply
  ) => Promise<z.infer<Answer> | FastifyReply>
}

/** Adds the route: what does not fit is answered with 400 and says where. */
export function route<
  Params extends Shape = typeof nothing,
  Query extends Shape = typeof nothing,
  Body extends Shape = typeof nothing,
  Answer extends Shape = typeof nothing
>(app: FastifyInstance, described: Route<Params, Query, Body, Answer>): void {
  const { method, url, summary, tag, params, query, body, answer, status = 200, failures = {}, handle } = described
  const answered = answer ? schemaOf(answer) : { type: 'string', format: 'binary' }
  const content = { [answer ? 'application/json' : (described.mediaType ?? 'text/plain')]: { schema: answered } }
  app.route({
    method,
    url,
    schema: {
      summary,
      tags: [tag],
      ...(params && { params: schemaOf(params) }),
      ...(query && { querystring: schemaOf(query) }),
      ...(body && { body: schemaOf(body) }),
      response: {
        [status]: { description: answer?.description ?? summary, content },
        ...failuresOf({ 400: 'What was asked does not fit', ...failures })
      }
    },
    // Zod says what is wrong better, and knows what a JSON Schema cannot say; answers are written as they are.
    validatorCompiler: () => () => true,
    serializerCompiler: () => told => JSON.stringify(told),
    handler: (request, reply) => {
      const asked = {
        params: checked(params, request.params),
        query: checked(query, request.query),
        body: checked(body, request.body)
      }
      return handle(asked, request, reply.code(status))
    }
  })
}

/** The request asks for something that cannot be; the message is for whoever asked. */
export const badRequest = (message: string): Error => Object.assign(new Error(message), { statusCode: 400 })

export const notFound = (reply: FastifyReply, message: string): FastifyReply =>
  reply.code(404).send({ error: 'not_found', message })

const schemaOf = (shape: Shape): object => {
  const { $schema: _schema, ...schema } = z.toJSONSchema(shape, { target: 'draft-7', io: 'input', reused: 'inline' })
  return schema
}

const failuresOf = (descriptions: Readonly<Record<number, string>>): object =>
  Object.fromEntries(
    Object.entries(descriptions).map(([status, description]) => [
      status,
      { description, content: { 'application/json': { schema: schemaOf(Failure) } } }
    ])
  )

function checked<Given extends Shape>(shape: Given | undefined, given: unknown): z.infer<Given> {
  if (shape === undefined) return undefined as z.infer<Given>
  const { success, data, error } = shape.safeParse(given)
  if (success) return data
  const [issue] = error.issues
  throw badRequest([...(issue!.path.length > 0 ? [issue!.path.join('.')] : []), issue!.message].join(': '))
}
