"""Four environments in four processes, with Gymnasium's own vector environment."""

import gymnasium as gym

import reasonact_env


def main() -> None:
    """Plays a few rounds; ended episodes begin anew by themselves."""
    envs = gym.make_vec(
        "ReasonAct-APIGen-v0", num_envs=4, vectorization_mode="async", data="desk:40", split="all"
    )
    observations, infos = envs.reset(seed=7)
    envs.action_space.seed(7)
    for _ in range(6):
        actions = envs.action_space.sample()  # one schema-valid call for each environment
        observations, rewards, terminations, truncations, infos = envs.step(actions)
        ended = terminations | truncations
        print(f"turns {infos['turn']}, rewards {rewards.round(2)}, ended {ended}")
    print("the last message of each conversation:")
    for observation in observations:
        print(f"  {observation['messages'][-1]['content'][:90]!r}")
    envs.close()


if __name__ == "__main__":
    main()
