#!/usr/bin/env bash
# What other programs say of the compiled template. cfn-lint: no error or warning, as packaged and for another stage, in
# every Region with an engine; its resource schemas: no property is dropped, no default is applied unseen.
# checkov and parliament, a policy linter: no finding that is not in accepted-findings.json with its reason. The deployer's
# policies have the permissions that these schemas list; with --write, they are written.
# Installs them from PyPI, for this run alone, where they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! python3 -c 'import cfnlint, checkov, parliament' 2>/dev/null; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet 'cfn-lint>=1.58,<2' 'checkov>=3.3,<4' 'parliament>=1.6,<2'
  export PATH=$work/venv/bin:$PATH
fi

npx serverless package --stage another-stage --region eu-west-1 --param keepData=false --package "$work/other"
# Some Regions lack a resource type, so their template differs.
npx serverless package --region il-central-1 --package "$work/few-types"
npx serverless package
template=.serverless/cloudformation-template-update-stack.json
regions="us-east-1 us-east-2 us-west-2 ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2
  eu-central-1 eu-west-1 eu-west-2 sa-east-1"
# shellcheck disable=SC2086 # A list of words.
cfn-lint --regions $regions -- .serverless/cloudformation-template-*.json "$work"/other/cloudformation-template-*.json
few="ap-southeast-5 eu-south-2 il-central-1 us-gov-west-1"
# shellcheck disable=SC2086
cfn-lint --regions $few -- "$work"/few-types/cloudformation-template-*.json
echo "cfn-lint: the templates pass in $regions $few"
python3 test/template/resource_schemas.py $template test/template/accepted-defaults.txt
python3 test/template/deployer_policies.py $template docs/deployer-policies "$@"
if [[ ${1:-} == --write ]]; then npx prettier --write docs/deployer-policies >/dev/null; fi
LOG_LEVEL=ERROR node test/template/findings.ts $template

# And each check is one that can fail.
must_fail() { # must_fail NAME COMMAND...
  local name=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "$name found nothing wrong with a wrong template" >&2
    exit 1
  fi
}
wrong=$work/wrong.json
sed 's/"AWS::SQS::Queue"/"AWS::SQS::Queues"/' $template >"$wrong"
must_fail cfn-lint cfn-lint -- "$wrong"
sed 's/"VisibilityTimeout"/"VisibilityTimeoutt"/' $template >"$wrong"
must_fail "the resource schemas" python3 test/template/resource_schemas.py "$wrong" test/template/accepted-defaults.txt
sed 's/"AWS::SNS::Topic"/"AWS::CloudTrail::Trail"/' $template >"$wrong"
must_fail "the deployer's policies" python3 test/template/deployer_policies.py "$wrong" docs/deployer-policies
sed 's/"dynamodb:GetItem"/"dynamodb:GetItems"/' $template >"$wrong"
must_fail parliament env LOG_LEVEL=ERROR node test/template/findings.ts "$wrong"
