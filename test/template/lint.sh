#!/usr/bin/env bash
# Checks the compiled template by cfn-lint, with no error or warning ignored: as packaged, and for another stage, in every
# Region with stream processors. Takes cfn-lint from PyPI, for this run alone, where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! command -v cfn-lint >/dev/null; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet 'cfn-lint>=1.58,<2'
  export PATH=$work/venv/bin:$PATH
fi

npx serverless package --stage another-stage --region eu-west-1 --param keepData=false --package "$work/other"
npx serverless package
for region in us-east-1 us-east-2 us-west-2 ap-south-1 eu-west-1; do
  cfn-lint --regions "$region" -- .serverless/cloudformation-template-*.json "$work"/other/cloudformation-template-*.json
  echo "cfn-lint: the templates pass in $region"
done

# And the check is one that can fail.
sed 's/"AWS::SQS::Queue"/"AWS::SQS::Queues"/' .serverless/cloudformation-template-update-stack.json >"$work/wrong.json"
if cfn-lint -- "$work/wrong.json" >/dev/null; then
  echo "cfn-lint found nothing wrong with a wrong template" >&2
  exit 1
fi
