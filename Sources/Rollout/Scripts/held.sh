# shellcheck shell=sh
# shellcheck disable=SC2154 # names come from the parts before this one
# What has become of this run's change here: `held` while it waits for a person, `confirmed`, `gone` back, or `none`.
if read -r armed_run _ 2>/dev/null <"$state/armed/when" && [ "$armed_run" = "$RUN" ]; then
  echo held
  exit 0
fi
case $(last_event) in
  confirmed | "finished: changed"*) echo confirmed ;;
  restor* | "finished: restored"*) echo gone ;;
  *) echo none ;;
esac
