import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { brokers, ca, eachValue, given, inputEnds, insist, run, tell } from './lines.mjs'

const base = {
  clientId: 'platformatic',
  bootstrapBrokers: brokers,
  tls: ca ? { ca } : undefined,
  sasl: given.user ? { mechanism: given.mechanism, username: given.user, password: given.password } : undefined,
  retries: 20,
  retryDelay: 100,
  metadataMaxAge: 500
}

const newConsumer = (groupId, more) => new Consumer({
  ...base,
  groupId,
  deserializers: stringDeserializers,
  maxWaitTime: 200,
  ...(more ?? { sessionTimeout: 10000, heartbeatInterval: 500, rebalanceTimeout: 10000 })
})

await run({
  async produce (topic, codec) {
    const producer = new Producer({ ...base, serializers: stringSerializers })
    tell('ready')
    await eachValue(value => insist(async () => {
      await producer.send({ messages: [{ topic, value }], compression: codec, acks: -1 })
      tell('ack', value)
    }))
    await producer.close()
  },

  // Its stream ends at the first error that its retries do not outlive; an application begins a new one, in the same group.
  async consume (topic, groupId, protocol) {
    let ending = false
    let end
    const ended = inputEnds().then(() => { ending = true; return end?.() })
    while (!ending) {
      const consumer = newConsumer(groupId, protocol === 'consumer' ? { groupProtocol: 'consumer' } : undefined)
      const assigned = () => tell('assigned', (consumer.assignments ?? []).filter(a => a.topic === topic).flatMap(a => a.partitions).join(','))
      consumer.on('consumer:group:rebalance', () => tell('assigned', ''))
      consumer.on('consumer:group:join', assigned)
      try {
        const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: 200 })
        assigned()
        stream.on('autocommit', error => { if (error) console.error(`commit: ${error.message}`) })
        await new Promise((resolve, reject) => {
          end = async () => {
            await stream.close()
            await consumer.close()
            resolve()
          }
          if (ending) end().catch(reject)
          stream.on('error', reject)
          stream.on('data', message => tell('got', message.partition, message.offset, message.value))
        })
      } catch (error) {
        console.error(`${error.name}: ${error.message}`)
        await consumer.close(true).catch(() => {})
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
    await ended
  },

  async read (topic, partition, offset, count) {
    const consumer = newConsumer(`seek-${process.pid}-${Date.now()}`)
    const stream = await consumer.consume({
      topics: [topic], mode: 'manual', autocommit: false, offsets: [{ topic, partition: Number(partition), offset: BigInt(offset) }]
    })
    let left = Number(count)
    await new Promise((resolve, reject) => {
      stream.on('error', reject)
      stream.on('data', message => {
        if (left-- > 0) tell('got', message.partition, message.offset, message.value)
        if (left === 0) resolve()
      })
    })
    await stream.close()
    await consumer.close()
  },

  async transact (topic, transactionalId) {
    // It looks for one aborted transaction of a producer in a response, so each producer aborts one.
    for (const names of ['ab', 'cd']) {
      const producer = new Producer({ ...base, transactionalId: transactionalId + names, idempotent: true, serializers: stringSerializers })
      for (const name of names) {
        const transaction = await producer.beginTransaction()
        for (let i = 0; i < 10; i++) await transaction.send({ messages: [{ topic, value: `${name}${i}`, partition: 0 }] })
        if (name === 'b' || name === 'd') {
          await transaction.commit()
          for (let i = 0; i < 10; i++) tell('ack', `${name}${i}`)
        } else {
          await transaction.abort()
        }
      }
      await producer.close()
    }
  }
})
