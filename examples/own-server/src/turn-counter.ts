import { EventBus, Logger } from '@covent/core'
import { inject, injectable } from 'inversify'

/** Counts answers, and logs the count. A class of a team that likes decorators. */
@injectable()
export class TurnCounter {
  readonly name = 'turn counter'
  count = 0
  private subscription: Disposable | undefined
  private readonly bus: EventBus
  private readonly logger: Logger

  constructor(@inject(EventBus) bus: EventBus, @inject(Logger) logger: Logger) {
    this.bus = bus
    this.logger = logger
  }

  async start(): Promise<void> {
    this.subscription = this.bus.on('agent.message.sent', () => {
      this.count += 1
      this.logger.info('answers so far', { answers: this.count })
    })
  }

  async stop(): Promise<void> {
    this.subscription?.[Symbol.dispose]()
  }
}
