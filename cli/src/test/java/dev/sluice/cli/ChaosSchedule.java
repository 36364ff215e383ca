package dev.sluice.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * When what breaks: nothing but a function of the seed, so that a run can be had again. Kinds are dealt from a shuffled deck
 * and not drawn by lot, so that a short schedule has each of them too. Faults overlap, but no two are done to the same thing
 * at the same time, nor before it has had a moment to get up.
 *
 * @param faults in the order of their time
 */
record ChaosSchedule(long seed, List<ChaosFault> faults) {
    private static final long SERVICE_REST_MILLIS = 1_500;
    private static final long BROKER_REST_MILLIS = 4_000;

    ChaosSchedule {
        faults = List.copyOf(faults);
    }

    /**
     * @param count of faults
     * @param spanMillis over which they begin
     * @param services how many there are to choose from
     */
    static ChaosSchedule of(long seed, int count, long spanMillis, int services) {
        return new Dealer(seed, services).deal(count, spanMillis);
    }

    @Override
    public String toString() {
        return "seed " + seed + ":\n"
                + faults.stream().map(ChaosFault::toString).collect(Collectors.joining("\n"));
    }

    private static final class Dealer {
        private final long seed;
        private final Random random;
        private final List<ChaosKind> deck = new ArrayList<>();
        private final long[] servicesFree;
        private long brokerFree;
        private long providerFree;

        Dealer(long seed, int services) {
            this.seed = seed;
            this.random = new Random(seed);
            this.servicesFree = new long[services];
        }

        ChaosSchedule deal(int count, long spanMillis) {
            List<ChaosFault> faults = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long slot = spanMillis * i / count;
                long next = spanMillis * (i + 1) / count;
                faults.add(next(slot + random.nextInt((int) Math.max(1, next - slot))));
            }
            return new ChaosSchedule(seed, faults);
        }

        /** The first card of which the thing is free; the others keep their places. */
        private ChaosFault next(long at) {
            while (true) {
                for (int card = 0; card < deck.size(); card++) {
                    OptionalInt free = freeFor(deck.get(card), at);
                    if (free.isPresent()) {
                        return fault(at, deck.remove(card), free.getAsInt());
                    }
                }
                shuffleAnother();
            }
        }

        private void shuffleAnother() {
            List<ChaosKind> cards = new ArrayList<>(Arrays.stream(ChaosKind.values())
                    .flatMap(kind -> Collections.nCopies(kind.cards(), kind).stream())
                    .toList());
            Collections.shuffle(cards, random);
            deck.addAll(cards);
        }

        private OptionalInt freeFor(ChaosKind kind, long at) {
            return switch (kind.target()) {
                case SERVICE -> freeService(at);
                case BROKER -> brokerFree <= at ? OptionalInt.of(0) : OptionalInt.empty();
                case PROVIDER -> providerFree <= at ? OptionalInt.of(0) : OptionalInt.empty();
                case RECORDS -> OptionalInt.of(0);
            };
        }

        private OptionalInt freeService(long at) {
            int[] free = IntStream.range(0, servicesFree.length)
                    .filter(service -> servicesFree[service] <= at)
                    .toArray();
            return free.length == 0 ? OptionalInt.empty() : OptionalInt.of(free[random.nextInt(free.length)]);
        }

        private ChaosFault fault(long at, ChaosKind kind, int service) {
            long lasts = kind.leastMillis() + (long) random.nextInt(kind.mostMillis() - kind.leastMillis() + 1);
            ChaosFault fault = new ChaosFault(at, kind, service, lasts);
            switch (kind.target()) {
                case SERVICE -> servicesFree[service] = fault.endMillis() + SERVICE_REST_MILLIS;
                case BROKER -> brokerFree = fault.endMillis() + BROKER_REST_MILLIS;
                case PROVIDER -> providerFree = fault.endMillis();
                case RECORDS -> {}
            }
            return fault;
        }
    }
}
