/**
 * A 64-bit digest of JSON-like values, in two lanes of 32 bits. It tells equal from different with
 * a chance of error of about 2^-64; it does not resist someone who forges. Object keys count
 * whatever their order, absent and undefined properties are the same, -0 differs from 0, and every
 * NaN is the same NaN.
 */

const words = new Float64Array(1);
const halves = new Uint32Array(words.buffer);

function mixLow(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function mixHigh(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85ebca77);
  return mixed ^ (mixed >>> 13);
}

/** Accumulates a digest; `low` and `high` are its two lanes. */
export class Digest {
  low = 0x2545f491;
  high = 0x1b873593;

  /** Copies the state of another digest. */
  from(other: Digest): this {
    this.low = other.low;
    this.high = other.high;
    return this;
  }

  /** Sets both lanes to their beginning. */
  restart(): this {
    this.low = 0x2545f491;
    this.high = 0x1b873593;
    return this;
  }

  /** Adds one 32-bit word. */
  word(word: number): this {
    this.low = mixLow(this.low, word);
    this.high = mixHigh(this.high, word);
    return this;
  }

  /** Adds another digest, lane by lane. */
  join(other: Digest): this {
    this.low = mixLow(this.low, other.low);
    this.high = mixHigh(this.high, other.high);
    return this;
  }

  /** Adds a number by its bits. */
  number(value: number): this {
    words[0] = value === value ? value : NaN;
    const low = halves[0] as number;
    const high = halves[1] as number;
    this.low = mixLow(mixLow(this.low, low), high);
    this.high = mixHigh(mixHigh(this.high, low), high);
    return this;
  }

  /** Adds a text by its UTF-16 code units. */
  text(value: string): this {
    let low = this.low;
    let high = this.high;
    for (let at = 0; at < value.length; at++) {
      const unit = value.charCodeAt(at);
      low = mixLow(low, unit);
      high = mixHigh(high, unit);
    }
    this.low = mixLow(low, value.length);
    this.high = mixHigh(high, value.length);
    return this;
  }

  /** Adds any JSON-like value. */
  value(value: unknown): this {
    switch (typeof value) {
      case "number":
        return this.word(1).number(value);
      case "string":
        return this.word(2).text(value);
      case "boolean":
        return this.word(value ? 3 : 4);
      case "bigint":
        return this.word(5).text(value.toString());
      case "object":
        if (value === null) return this.word(6);
        return Array.isArray(value) ? this.#array(value) : this.#object(value);
      default:
        return this.word(7);
    }
  }

  #array(values: readonly unknown[]): this {
    this.word(8).word(values.length);
    for (const value of values) this.value(value);
    return this;
  }

  #object(value: object): this {
    const sum = new DigestSum();
    for (const [key, property] of Object.entries(value)) {
      if (property === undefined) continue;
      sum.add(new Digest().text(key).value(property));
    }
    return this.word(9).word(sum.low).word(sum.high);
  }

  /** The 64 bits as 16 hex digits. */
  hex(): string {
    return hex(this.low) + hex(this.high);
  }
}

/** A sum of digests: the same whatever the order they are added in. */
export class DigestSum {
  low = 0;
  high = 0;

  /** Adds one more. */
  add(digest: Digest): void {
    this.low = (this.low + mixLow(digest.low, digest.high)) | 0;
    this.high = (this.high + mixHigh(digest.high, digest.low)) | 0;
  }

  /** The 64 bits as 16 hex digits. */
  hex(): string {
    return hex(this.low) + hex(this.high);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
