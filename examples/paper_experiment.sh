#!/usr/bin/env bash
# The paper's own experiment on dialogues in APIGen-MT's format, decision by decision: base, SFT,
# SFT for as long as the full pipeline took, cold start, GRPO at once, the full pipeline. Trained on
# one domain, judged on both, in several seeds; every command goes on where it was stopped.
#
#     DATA=dialogues.json OUT=runs/paper examples/paper_experiment.sh          # all of it
#     DATA=dialogues.json SEEDS=0 DOMAINS=retail examples/paper_experiment.sh  # one chain
#     DATA=dialogues.json DRY=1 examples/paper_experiment.sh                   # only list it; 0 runs it
#     DOMAINS=billing JUDGED="billing travel" THOUGHTS=desk:300:11 …         # other domains
#
# Thinking is on in cold-start and GRPO, and off in SFT, SFT-longer and GRPO-plain, which is what
# --no-cold-start would train: the same SFT, the same GRPO, no cold start.
set -euo pipefail

: "${DATA:?expected DATA=FILE.json, with a sidecar FILE.meta.json that tells domain and success}"
OUT=${OUT:-runs/paper}
PYTHON=${PYTHON:-python}
PROFILE=${PROFILE:-smollm2-135m}
MODEL=${MODEL:-}              # a folder or a hub name; the profile's own unless given
SEEDS=${SEEDS:-0 1 2}
DOMAINS=${DOMAINS:-airline retail}   # trained on, one chain each
JUDGED=${JUDGED:-airline retail}     # judged on
STAGES=${STAGES:-base,SFT,SFT-longer,cold-start,GRPO-plain,GRPO}
SFT_TASKS=${SFT_TASKS:-150}   # dialogues that SFT imitates
SFT_EPOCHS=${SFT_EPOCHS:-1}
LENGTH=${LENGTH:-8192}        # tokens of a dialogue; a longer one ends with its last message within
THOUGHTS=${THOUGHTS:-}        # data with thoughts, besides the records' own; unless given, the
                              # generated world of the domain, which retail and airline have
SAMPLES=${SAMPLES:-80}        # decisions with a thought, fewer than 100
COLD_EPOCHS=${COLD_EPOCHS:-}  # the profile's own unless given; so is LR, of GRPO
GENERATIONS=${GENERATIONS:-20}
PROMPTS=${PROMPTS:-4}         # decisions a generation
GROUP=${GROUP:-8}             # tries of each
LR=${LR:-}
BATCH=${BATCH:-8}             # episodes at a time: each keeps 8,192 tokens' keys and values
TASKS=${TASKS:-40}            # held-out dialogues of each domain
SAMPLING=${SAMPLING:-greedy}  # "greedy sampled" for both
FURTHER=${FURTHER:-}          # any other options of train.pipeline
[ "${DRY:-0}" = 0 ] && DRY= || DRY=--dry-run

for domain in $DOMAINS; do
  case "${THOUGHTS:+given}:$domain" in given:* | :retail | :airline) ;;
    *) echo "expected THOUGHTS=DATA for $domain, which has no generated world" >&2; exit 2 ;;
  esac
done

for seed in $SEEDS; do
  for domain in $DOMAINS; do
    echo "Trained on $domain, seed $seed: $OUT/$domain-$seed"
    also=()
    for other in $JUDGED; do [ "$other" = "$domain" ] || also+=("$DATA#domain=$other"); done
    # Thoughts: of a generated world of the same domain, and of the records' own think calls.
    $PYTHON -m train.pipeline --mode turn --profile "$PROFILE" ${MODEL:+--model "$MODEL"} \
      --data "$DATA#domain=$domain" ${also[@]+--also "${also[@]}"} \
      --stages "$STAGES" --longer equal \
      --train-tasks "$SFT_TASKS" --sft-epochs "$SFT_EPOCHS" --max-length "$LENGTH" \
      --thoughts-from "$DATA#domain=$domain + ${THOUGHTS:-$domain:300:11}" --samples "$SAMPLES" \
      ${COLD_EPOCHS:+--cold-epochs "$COLD_EPOCHS"} ${LR:+--grpo-lr "$LR"} \
      --generations "$GENERATIONS" --prompts "$PROMPTS" --group "$GROUP" --batch "$BATCH" \
      --eval-every 0 --tasks "$TASKS" --sampling $SAMPLING \
      --seed "$seed" --out "$OUT/$domain-$seed" $DRY $FURTHER
  done
done
[ -n "$DRY" ] && exit
for domain in $DOMAINS; do
  runs=(); for seed in $SEEDS; do runs+=("$OUT/$domain-$seed"); done
  $PYTHON -m train.seeds "${runs[@]}" --out "$OUT/$domain"
done
