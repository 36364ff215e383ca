package dev.sluice.trainer;

import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which versions leave the topic of models when one is published: all but the newest few and those that the deployments
 * need. These are the live one and the one before it, which a rollback leads to, and those that answer beside it. A version that is not sound, or not
 * there, never serves, so the last two that can are kept as well, whatever was deployed since.
 */
final class Retention {
    private static final int ABLE_TO_SERVE = 2;

    private final int keep;
    private final PublishedModels models;
    private final DeploymentLog deployments;

    /** @param keep how many of the newest stay, deployed or not; 0 for all */
    Retention(int keep, PublishedModels models, DeploymentLog deployments) {
        this.keep = keep;
        this.models = models;
        this.deployments = deployments;
    }

    /**
     * As models and deployments were last followed.
     *
     * @param newcomer the version about to be published
     * @return the numbers to go, the lowest first
     */
    List<Integer> surplusBeside(int newcomer) {
        NavigableSet<Integer> surplus = models.numbers();
        surplus.add(newcomer);
        if (keep == 0 || surplus.size() <= keep) {
            return List.of();
        }
        for (int i = 0; i < keep; i++) {
            surplus.pollLast();
        }
        surplus.removeAll(needed());
        return List.copyOf(surplus);
    }

    private Set<Integer> needed() {
        Set<Integer> needed = new TreeSet<>();
        Stream.of(deployments.live(), deployments.previous())
                .flatMap(version -> version.stream())
                .forEach(needed::add);
        needed.addAll(deployments.beside());
        int able = 0;
        for (int version : deployments.wentLive()) {
            if (able < ABLE_TO_SERVE && models.predictorOf(version).isPresent()) {
                needed.add(version);
                able++;
            }
        }
        return needed;
    }
}
