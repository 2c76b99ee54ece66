import { changeSkipReason } from '../change-skip-reason.js';
import { wasTurnedAway } from '../delivery.interface.js';
import type { ChangeClaims, MemoryDelivery } from './memory-event.js';

/** Who has a change, in one format, and who was turned away with it in another meanwhile. */
interface ClaimedChange {
  readonly format: string;
  readonly holders: Set<MemoryDelivery>;
  readonly turnedAway: Set<MemoryDelivery>;
}

/** Which deliveries have the changes that senders announce in several formats. */
export class MemoryChanges implements ChangeClaims {
  readonly #changes = new Map<string, ClaimedChange>();

  /** Gives a delivery its change, or says why not. */
  claim(delivery: MemoryDelivery): string | undefined {
    const { change } = delivery.wanted;
    if (!change) return undefined;
    const claimed = this.#changes.get(keyOf(delivery)) ?? this.#open([delivery]);
    if (claimed.format === change.format) {
      claimed.holders.add(delivery);
      return undefined;
    }
    const holders = [...claimed.holders];
    if (holders.some(isFinished)) delivery.owner.dropBody(delivery);
    else claimed.turnedAway.add(delivery);
    return changeSkipReason(holders[0]!.owner.facts.id);
  }

  /**
   * Gives those that were turned away for a delivery, now that it has settled: when it is dead they have
   * the change, else they will never need it.
   */
  release(delivery: MemoryDelivery): readonly MemoryDelivery[] {
    const claimed = this.#changes.get(keyOf(delivery));
    if (!claimed) return [];
    // A replay may have made one of them run meanwhile: it is its own then.
    const turnedAway = [...claimed.turnedAway].filter(wasTurnedAway);
    if (isFinished(delivery)) {
      claimed.turnedAway.clear();
      return turnedAway;
    }
    claimed.holders.delete(delivery);
    if (claimed.holders.size > 0) return [];
    if (turnedAway.length > 0) this.#open(turnedAway);
    else this.#changes.delete(keyOf(delivery));
    return turnedAway;
  }

  /** The delivery was replaced, or forgotten with its event. */
  forget(delivery: MemoryDelivery): void {
    const claimed = delivery.wanted.change && this.#changes.get(keyOf(delivery));
    if (!claimed) return;
    claimed.holders.delete(delivery);
    claimed.turnedAway.delete(delivery);
    if (claimed.holders.size === 0) this.#changes.delete(keyOf(delivery));
  }

  #open(holders: readonly MemoryDelivery[]): ClaimedChange {
    const [first] = holders;
    const { format } = first!.wanted.change!;
    const claimed = { format, holders: new Set(holders), turnedAway: new Set<MemoryDelivery>() };
    this.#changes.set(keyOf(first!), claimed);
    return claimed;
  }
}

function keyOf({ owner, wanted }: MemoryDelivery): string {
  return `${owner.facts.source}\n${wanted.handler}\n${wanted.change!.id}`;
}

function isFinished({ status }: MemoryDelivery): boolean {
  return status === 'succeeded' || status === 'skipped';
}
